namespace ConfigurationService.Settings;

/// <summary>Where the service listens, and which web pages may call it.</summary>
/// <param name="Urls"><c>--urls</c> or <c>URLS</c>, else <c>http://127.0.0.1:PORT</c> with <c>PORT</c> from 0 (any free one) to 65,535;
/// default 8104.</param>
/// <param name="CorsOrigins"><c>Cors:Origins</c>: comma-separated origins (<c>https://admin.example.org</c>); default none.</param>
internal sealed record WebSettings(string Urls, IReadOnlyList<string> CorsOrigins)
{
    public static WebSettings Read(SettingReader reader)
    {
        var port = reader.Integer("PORT", 8104, 0, 65_535);
        var origins = (reader.Text("Cors:Origins") ?? "").Split(
            ',',
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var origin in origins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
            {
                reader.Fault(
                    "Cors:Origins",
                    $"'{origin}' is not an origin; write scheme, host and port alone, e.g. https://admin.example.org");
            }
        }

        return new WebSettings(Addresses(reader) ?? $"http://127.0.0.1:{port}", origins);
    }

    private static string? Addresses(SettingReader reader)
    {
        if (reader.Text("URLS") is not { } text)
            return null;
        foreach (var address in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IsAddress(address))
            {
                reader.Fault(
                    "URLS", $"'{address}' is not an address to listen on; write scheme, host and port alone, e.g. http://0.0.0.0:8104");
            }
        }

        return text;
    }

    private static bool IsAddress(string text)
    {
        try
        {
            var address = BindingAddress.Parse(text);
            return address.Scheme is "http" or "https" && address.PathBase.Length == 0
                && (address.IsUnixPipe || address.Port is >= 0 and <= 65_535);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return false;
        }
    }
}
