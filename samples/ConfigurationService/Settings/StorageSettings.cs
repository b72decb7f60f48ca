using System.Net;
using Npgsql;
using StackExchange.Redis;

namespace ConfigurationService.Settings;

/// <summary>Where the data lies.</summary>
/// <param name="DataDirectory"><c>DATA_DIR</c>: folder of everything private to this instance, made when missing; default
/// <c>./data</c>.</param>
/// <param name="Owner"><c>ConnectionStrings:Postgres</c>: the database's owner, who migrates. Unset: a private server under the data folder
/// (embedded mode).</param>
/// <param name="Application"><c>ConnectionStrings:PostgresApplication</c>: a login that is neither superuser nor owner. Unset: the service
/// makes one.</param>
/// <param name="Listen"><c>ConnectionStrings:PostgresListen</c>: where notices of changes are heard, past a pooler of transactions. Unset:
/// the application's login.</param>
/// <param name="Redis"><c>ConnectionStrings:Redis</c>: second level of the cache. Unset: the cache lives in process memory alone.</param>
internal sealed record StorageSettings(string DataDirectory, string? Owner, string? Application, string? Listen, string? Redis)
{
    /// <summary>Name of the documents' folder under <see cref="DataDirectory"/>.</summary>
    public const string DocumentFolder = "vectors";

    public bool Embedded => Owner is null;

    public static StorageSettings Read(SettingReader reader)
    {
        var settings = new StorageSettings(
            Path.GetFullPath(reader.Text("DATA_DIR") ?? "data"),
            Postgres(reader, "ConnectionStrings:Postgres"),
            Postgres(reader, "ConnectionStrings:PostgresApplication"),
            Postgres(reader, "ConnectionStrings:PostgresListen"),
            RedisServers(reader, "ConnectionStrings:Redis"));
        if (settings.Embedded && settings.Application is not null)
            reader.Fault("ConnectionStrings:PostgresApplication", "is set without ConnectionStrings:Postgres; set both or neither");
        if (settings.Embedded && settings.Listen is not null)
            reader.Fault("ConnectionStrings:PostgresListen", "is set without ConnectionStrings:Postgres; set both or neither");
        return settings;
    }

    private static string? Postgres(SettingReader reader, string name)
    {
        if (reader.Text(name) is not { } text)
            return null;
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(builder.Host) || string.IsNullOrEmpty(builder.Database))
                reader.Fault(name, "lacks Host or Database, e.g. Host=db;Database=configuration;Username=owner;Password=…");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The text itself stays out of the message: it may hold a password.
            reader.Fault(name, "is not a connection string of Npgsql, e.g. Host=db;Database=configuration;Username=owner;Password=…");
        }

        return text;
    }

    private static string? RedisServers(SettingReader reader, string name)
    {
        if (reader.Text(name) is not { } text)
            return null;
        try
        {
            var servers = ConfigurationOptions.Parse(text).EndPoints;
            if (servers.Count == 0 || servers.Any(static s => s is DnsEndPoint { Host: var host } && !IsHost(host)))
                reader.Fault(name, "names no server, or one that cannot be; write e.g. redis:6379,password=…");
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            reader.Fault(name, "is not a connection string of StackExchange.Redis, e.g. redis:6379,password=…");
        }

        return text;
    }

    private static bool IsHost(string host) => Uri.CheckHostName(host) != UriHostNameType.Unknown;
}
