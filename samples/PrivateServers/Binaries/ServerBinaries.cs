using System.Globalization;

namespace PrivateServers.Binaries;

/// <summary>Where the servers' programs are.</summary>
internal static class ServerBinaries
{
    private const string DebianPostgres = "/usr/lib/postgresql";

    /// <summary>The folder of initdb and postgres: DATA_POSTGRES_BIN, else the newest of Debian's, else the one on the PATH.</summary>
    internal static string PostgresFolder()
    {
        if (Environment.GetEnvironmentVariable("DATA_POSTGRES_BIN") is { Length: > 0 } chosen)
        {
            return File.Exists(Path.Combine(chosen, "initdb"))
                ? chosen
                : throw new ServerMissingException("PostgreSQL", Path.Combine(chosen, "initdb"), "postgres", "DATA_POSTGRES_BIN");
        }

        if (Directory.Exists(DebianPostgres))
        {
            var newest = Directory.GetDirectories(DebianPostgres)
                .Where(folder => File.Exists(Path.Combine(folder, "bin", "initdb")))
                .OrderByDescending(
                    folder => decimal.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
                .FirstOrDefault();
            if (newest is not null)
                return Path.Combine(newest, "bin");
        }

        var onPath = OnPath("initdb") ?? throw new ServerMissingException("PostgreSQL", "initdb", "postgres", "DATA_POSTGRES_BIN");
        return Path.GetDirectoryName(Path.GetFullPath(onPath))!;
    }

    internal static string Redis() => Find("Redis", "redis-server", "redis", "DATA_REDIS_SERVER");

    internal static string Nats() => Find("NATS", "nats-server", "nats", "DATA_NATS_SERVER");

    internal static string PgBouncer() => Find("PgBouncer", "pgbouncer", "pgbouncer", "DATA_PGBOUNCER");

    /// <summary>Node.js, which a server needs.</summary>
    internal static string Node(string part) => Find("Node.js", "node", part, "DATA_NODE");

    /// <summary>The native module that holds Chroma's server.</summary>
    internal static string ChromaModule()
    {
        var home = Environment.GetEnvironmentVariable("DATA_CHROMA_HOME") is { Length: > 0 } chosen ?
            chosen :
            Path.Combine(UserCache(), "chroma-1.0.5");
        var modules = Path.Combine(home, "node_modules");
        var found = Directory.Exists(modules) ? Directory.GetDirectories(modules, "chromadb-js-bindings-*") : [];
        return found.Length > 0 && File.Exists(Path.Combine(home, ".installed"))
            ? found[0]
            : throw new ServerMissingException(
                "Chroma",
                Path.Combine(modules, "chromadb-js-bindings-linux-x64-gnu"),
                "chroma",
                "DATA_CHROMA_HOME");
    }

    /// <summary>The folder whose node_modules hold PGlite with pgvector.</summary>
    internal static string PgVectorHome()
    {
        var home = Environment.GetEnvironmentVariable("DATA_PGVECTOR_HOME") is { Length: > 0 } chosen ?
            chosen :
            Path.Combine(UserCache(), "pglite-0.5.14");
        return File.Exists(Path.Combine(home, ".installed"))
            ? home
            : throw new ServerMissingException("pgvector", Path.Combine(home, "node_modules"), "pgvector", "DATA_PGVECTOR_HOME");
    }

    /// <summary>A folder of this user's for what is worth keeping between runs.</summary>
    internal static string UserCache()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache)
            return Path.Combine(cache, "data-libraries");
        var home = Environment.GetEnvironmentVariable("HOME");
        return string.IsNullOrEmpty(home)
            ? Path.Combine(Path.GetTempPath(), "data-libraries-" + Environment.UserName)
            : Path.Combine(home, ".cache", "data-libraries");
    }

    private static string Find(string server, string program, string part, string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } chosen)
            return File.Exists(chosen) ? chosen : throw new ServerMissingException(server, chosen, part, variable);
        return OnPath(program) ?? throw new ServerMissingException(server, program, part, variable);
    }

    // Debian keeps servers in sbin, which an ordinary user's PATH may lack.
    private static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Concat(["/usr/local/bin", "/usr/bin", "/usr/local/sbin", "/usr/sbin"])
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
