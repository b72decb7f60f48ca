namespace ConfigurationService.Hosting;

/// <summary>The switches that make the service do something else than serve.</summary>
internal static class CommandLine
{
    public const string Usage =
        """
        ConfigurationService: a multi-tenant configuration service on PostgreSQL.

        Usage: ConfigurationService [--urls URL] [--migrate] [--help]

          --urls URL     where to listen, e.g. http://0.0.0.0:8104; default http://127.0.0.1:$PORT
          --migrate      bring the database up to date, register the administrator's key and end
          --help         this text

        Settings are environment variables or members of appsettings.json (a double underscore stands for a colon):

          DATA_DIR                               folder of everything private to this instance            ./data
          PORT                                   port on loopback, 0 to 65535 (0: any free one)           8104
          ConnectionStrings__Postgres            the database's owner; unset: a private server in DATA_DIR
          ConnectionStrings__PostgresApplication a login that row-level security binds; unset: made by the owner
          ConnectionStrings__Redis               second level of the cache; unset: process memory alone
          Encryption__Key or Encryption__KeyFile 32 random bytes in base64; required with ConnectionStrings__Postgres
          Keys__Admin or Keys__AdminFile         the first administrator's key; required with ConnectionStrings__Postgres
          Cache__TtlSeconds                      how long configuration is cached, 1 to 86400             300
          Cache__KeyTtlSeconds                   how long a key is remembered, 1 to 300                   30
          Limits__MaxBodyBytes                   largest body, 1024 to 16777216                           262144
          Cors__Origins                          comma-separated origins of web pages that may call       none
        """;

    public static bool AsksForHelp(string[] args) => args.Any(static a => a is "--help" or "-h" or "-?");

    public static bool OnlyMigrates(string[] args) => args.Contains("--migrate", StringComparer.Ordinal);

    /// <summary>Switches without a value, which the configuration's own reader would take for names of the next word.</summary>
    public static string[] WithoutSwitches(string[] args) => [.. args.Where(static a => a is not "--migrate")];
}
