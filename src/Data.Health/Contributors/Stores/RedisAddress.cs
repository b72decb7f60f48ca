using System.Globalization;

namespace Data.Health.Contributors.Stores;

/// <summary>Where a Redis server is and how to sign in to it, from single options or from a connection string.</summary>
internal sealed record RedisAddress(string Host, int Port, string? User, string? Password, bool UseTls)
{
    private const int DefaultPort = 6379;
    private const int DefaultTlsPort = 6380;

    public static RedisAddress Of(RedisHealthOptions options) => options.ConnectionString is { } text
        ? Parse(text) ?? throw new ArgumentException("ConnectionString is not valid.", nameof(options))
        : new RedisAddress(options.Host, options.Port, options.User, options.Password, options.UseTls);

    /// <summary>
    /// Reads a connection string in the form of StackExchange.Redis, or a redis or rediss address; null if it is neither. Of several
    /// servers the first one is taken; settings that concern commands only are skipped.
    /// </summary>
    public static RedisAddress? Parse(string text) =>
        text.StartsWith("redis://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("rediss://", StringComparison.OrdinalIgnoreCase)
            ? ParseAddress(text)
            : ParseFields(text);

    private static RedisAddress? ParseAddress(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            return null;
        var tls = uri.Scheme.Equals("rediss", StringComparison.OrdinalIgnoreCase);
        var credentials = uri.UserInfo.Split(':', 2);
        var user = Uri.UnescapeDataString(credentials[0]);
        return new RedisAddress(
            uri.DnsSafeHost,
            uri.Port > 0 ? uri.Port : DefaultPort,
            user.Length == 0 ? null : user,
            credentials.Length == 2 ? Uri.UnescapeDataString(credentials[1]) : null,
            tls);
    }

    private static RedisAddress? ParseFields(string text)
    {
        string? server = null, user = null, password = null;
        var tls = false;
        foreach (var field in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            var value = field[(equals + 1)..].Trim();
            switch (equals < 0 ? "" : field[..equals].Trim().ToUpperInvariant())
            {
                case "":
                    server ??= field;
                    break;
                case "USER":
                    user = value;
                    break;
                case "PASSWORD":
                    password = value;
                    break;
                case "SSL" when !bool.TryParse(value, out tls):
                    return null;
            }
        }

        return server is null ? null : At(server, user, password, tls);
    }

    private static RedisAddress? At(string server, string? user, string? password, bool tls)
    {
        // An IPv6 address has colons of its own and stands in brackets when a port follows.
        var colon = server.LastIndexOf(':');
        var hasPort = colon > 0 && (server[colon - 1] == ']' || server.IndexOf(':', StringComparison.Ordinal) == colon);
        var port = tls ? DefaultTlsPort : DefaultPort;
        if (hasPort && !int.TryParse(server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port))
            return null;
        var host = (hasPort ? server[..colon] : server).Trim('[', ']');
        return host.Length == 0 ? null : new RedisAddress(host, port, user, password, tls);
    }
}
