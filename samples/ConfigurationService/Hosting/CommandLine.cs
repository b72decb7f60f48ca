using ConfigurationService.Settings;

namespace ConfigurationService.Hosting;

/// <summary>Switches that make the service do something other than serve.</summary>
internal static class CommandLine
{
    public const string Usage =
        """
        ConfigurationService: a multi-tenant configuration service on PostgreSQL.

        Usage: ConfigurationService [--urls URL] [--migrate] [--help]

          --urls URL     addresses to listen on, e.g. http://0.0.0.0:8104; default http://127.0.0.1:$PORT
          --migrate      bring the database up to date, register the administrator's key and exit
          --help         this text

        Settings are environment variables or members of appsettings.json (a double underscore stands for a colon):

          DATA_DIR                               folder for everything private to this instance           ./data
          PORT                                   port on loopback, 0 to 65535 (0: a free one)             8104
          ConnectionStrings__Postgres            login of the database's owner; unset: a private server in DATA_DIR
          ConnectionStrings__PostgresApplication login that is subject to row-level security; unset: created by the owner
          ConnectionStrings__PostgresListen      where notices of changes are heard, past a pooler of transactions; unset: the line above
          ConnectionStrings__Redis               second level of the cache; unset: process memory only
          Encryption__Key or Encryption__KeyFile 32 random bytes in base64; required with ConnectionStrings__Postgres
          Keys__Admin or Keys__AdminFile         the first administrator's key; required with ConnectionStrings__Postgres
          Cache__TtlSeconds                      seconds that configuration is cached, 1 to 86400         300
          Cache__KeyTtlSeconds                   seconds that a key is cached, 1 to 300                   30
          Cache__KeyOutageSeconds                seconds that a known key works without the database, 0 to 86400   3600
          Limits__MaxBodyBytes                   largest body and stored configuration in bytes, 1024 to 16777216  262144
          Limits__RequestSeconds                 seconds until a request is answered, 1 to 60             5
          Cors__Origins                          comma-separated origins of web pages that may call       none
          OTEL_EXPORTER_OTLP_ENDPOINT            collector for traces and metrics, e.g. http://host:4317  none
        """;

    // The framework's own, and the settings that have no section.
    private static readonly string[] Switches =
        ["--urls", "--environment", "--contentRoot", "--applicationName", "--DATA_DIR", "--PORT", "--OTEL_EXPORTER_OTLP_ENDPOINT"];

    public static bool AsksForHelp(string[] args) => args.Any(static a => a is "--help" or "-h" or "-?");

    public static bool OnlyMigrates(string[] args) => args.Contains("--migrate", StringComparer.Ordinal);

    /// <summary>Removes switches without a value, for which the configuration reader would take the next argument.</summary>
    public static string[] WithoutSwitches(string[] args) => [.. args.Where(static a => a is not "--migrate")];

    /// <summary>Notes every argument that means nothing: a misspelt switch would start the service as if it were not there.</summary>
    public static void Check(string[] args, SettingReader reader)
    {
        var rest = WithoutSwitches(args);
        for (var i = 0; i < rest.Length; i++)
        {
            var parts = rest[i].Split('=', 2);
            // An empty value sets nothing; hosts of tests send one for every section.
            if (parts is [_, ""])
                continue;
            if (!IsSwitch(parts[0]))
                reader.Fault(parts[0], "there is no such argument; --help lists those there are");
            else if (parts.Length == 1 && ++i == rest.Length)
                reader.Fault(parts[0], "has no value");
        }
    }

    // A colon names a setting in a section, and sections know their settings.
    private static bool IsSwitch(string name) => name.StartsWith("--", StringComparison.Ordinal)
        && (name.Contains(':', StringComparison.Ordinal) || Switches.Contains(name, StringComparer.OrdinalIgnoreCase));
}
