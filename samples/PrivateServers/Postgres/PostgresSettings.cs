using System.Globalization;
using System.Text;

namespace PrivateServers.Postgres;

/// <summary>The settings file that each start writes anew; postgresql.conf includes it as its last line.</summary>
internal static class PostgresSettings
{
    internal const string FileName = "private.conf";

    // sun_path holds 107 bytes and a terminator; PostgreSQL adds "/.s.PGSQL.65535.lock".
    private const int LongestSocketFolder = 107 - 20;

    internal static string Text(string dataFolder, string socketFolder, int port, bool durable, IDictionary<string, string> settings)
    {
        var all = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["max_connections"] = "100",
            ["shared_buffers"] = "64MB",
            ["password_encryption"] = "scram-sha-256",
            ["logging_collector"] = "off",
            ["log_destination"] = "stderr",
            ["hba_file"] = Path.Combine(dataFolder, "pg_hba.conf"),
        };
        if (!durable)
        {
            all["fsync"] = "off";
            all["full_page_writes"] = "off";

            // In the data folder, so that nothing of a killed server stays in /dev/shm.
            all["dynamic_shared_memory_type"] = "mmap";
        }

        foreach (var (name, value) in settings)
            all[name] = value;
        all["listen_addresses"] = "127.0.0.1";
        all["port"] = port.ToString(CultureInfo.InvariantCulture);
        all["unix_socket_directories"] = Encoding.UTF8.GetByteCount(socketFolder) <= LongestSocketFolder ? $"\"{socketFolder}\"" : "";
        all["unix_socket_permissions"] = "0700";

        var text = new StringBuilder("# Written at each start.\n");
        foreach (var (name, value) in all)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{name} = '{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'\n");
        }

        return text.ToString();
    }
}
