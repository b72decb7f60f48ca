namespace Data.Vector.Pinecone;

/// <summary>Returns a message for every option that is out of its range.</summary>
internal static class PineconeOptionsValidator
{
    public static List<string> Failures(PineconeVectorStoreOptions options)
    {
        var failures = new List<string>();
        Check(
            !string.IsNullOrWhiteSpace(options.ApiKey) && !options.ApiKey.AsSpan().ContainsAny('\r', '\n'),
            "ApiKey must be set, on one line.");
        Check(
            options.Endpoint is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo.Length: 0 },
            "Endpoint must be an absolute http or https address without credentials, such as https://api.pinecone.io.");
        Check(!string.IsNullOrWhiteSpace(options.Namespace), "Namespace must not be empty.");
        Check(!string.IsNullOrWhiteSpace(options.Cloud), "Cloud must not be empty.");
        Check(!string.IsNullOrWhiteSpace(options.Region), "Region must not be empty.");
        Check(
            options.RequestTimeout >= TimeSpan.FromMilliseconds(100) && options.RequestTimeout <= TimeSpan.FromMinutes(10),
            "RequestTimeout must be from 100 ms to 10 min.");
        Check(options.MaxRetryAttempts is >= 0 and <= 10, "MaxRetryAttempts must be from 0 to 10.");
        Check(
            options.RetryDelay >= TimeSpan.FromMilliseconds(1) && options.RetryDelay <= TimeSpan.FromSeconds(30),
            "RetryDelay must be from 1 ms to 30 s.");
        Check(
            options.FreshnessTimeout >= TimeSpan.Zero && options.FreshnessTimeout <= TimeSpan.FromMinutes(10),
            "FreshnessTimeout must be from zero to 10 min.");
        Check(
            options.ProvisioningTimeout >= TimeSpan.FromSeconds(1) && options.ProvisioningTimeout <= TimeSpan.FromMinutes(30),
            "ProvisioningTimeout must be from 1 s to 30 min.");
        return failures;

        void Check(bool condition, string complaint)
        {
            if (!condition)
                failures.Add(complaint);
        }
    }
}
