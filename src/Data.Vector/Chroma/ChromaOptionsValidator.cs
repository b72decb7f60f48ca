namespace Data.Vector.Chroma;

/// <summary>Returns a message for every option that is out of its range.</summary>
internal static class ChromaOptionsValidator
{
    public static List<string> Failures(ChromaVectorStoreOptions options)
    {
        var failures = new List<string>();
        if (options.Endpoint is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            failures.Add("Endpoint must be an absolute http or https address, such as http://localhost:8000.");
        else if (options.Endpoint.UserInfo.Length > 0)
            failures.Add("Endpoint must not carry credentials; use Token.");

        Check(!string.IsNullOrWhiteSpace(options.Tenant), "Tenant must not be empty.");
        Check(!string.IsNullOrWhiteSpace(options.Database), "Database must not be empty.");
        Check(
            options.Token is null || (options.Token.Length > 0 && !options.Token.AsSpan().ContainsAny('\r', '\n')),
            "Token must be null or one line that is not empty.");
        Check(Enum.IsDefined(options.TokenHeader), "TokenHeader must be Authorization or XChromaToken.");
        Check(
            options.RequestTimeout >= TimeSpan.FromMilliseconds(100) && options.RequestTimeout <= TimeSpan.FromMinutes(10),
            "RequestTimeout must be from 100 ms to 10 min.");
        Check(options.MaxRetryAttempts is >= 0 and <= 10, "MaxRetryAttempts must be from 0 to 10.");
        Check(
            options.RetryDelay >= TimeSpan.FromMilliseconds(1) && options.RetryDelay <= TimeSpan.FromSeconds(30),
            "RetryDelay must be from 1 ms to 30 s.");
        return failures;

        void Check(bool condition, string complaint)
        {
            if (!condition)
                failures.Add(complaint);
        }
    }
}
