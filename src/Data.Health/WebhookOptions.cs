namespace Data.Health.Notifications;

/// <summary>An address that receives each change of status as JSON.</summary>
public sealed class WebhookOptions
{
    /// <summary>Absolute http or https address that receives the POST. Never logged. Default: none; required.</summary>
    public Uri? Url { get; set; }

    /// <summary>
    /// Key of the signature in the header <c>X-Health-Signature</c>: <c>sha256=</c> and the HMAC-SHA256 of the body in hex. Default: none,
    /// which sends no signature. Range: at least 16 characters.
    /// </summary>
    public string? Secret { get; set; }

    /// <summary>Time limit of one attempt. Default: 5 s. Range: 100 ms–1 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Attempts after the first one failed. Default: 3. Range: 0–10.</summary>
    public int MaxRetryAttempts { get; set; } = 3;

    /// <summary>
    /// Pause before the first retry; each later pause is twice as long, and a random part of up to half is subtracted from each. Default:
    /// 1 s. Range: 10 ms–1 min.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    internal IEnumerable<string> Errors(int index)
    {
        if (Url is not { IsAbsoluteUri: true } || Url.Scheme is not ("http" or "https"))
            yield return $"Webhooks:{index}: Url must be an absolute http or https address.";
        if (Secret is { Length: < 16 })
            yield return $"Webhooks:{index}: Secret has {Secret.Length} characters; it must have at least 16.";
        if (Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromMinutes(1))
            yield return $"Webhooks:{index}: Timeout is {Timeout}; it must be 100 ms to 1 minute.";
        if (MaxRetryAttempts is < 0 or > 10)
            yield return $"Webhooks:{index}: MaxRetryAttempts is {MaxRetryAttempts}; it must be 0 to 10.";
        if (RetryDelay < TimeSpan.FromMilliseconds(10) || RetryDelay > TimeSpan.FromMinutes(1))
            yield return $"Webhooks:{index}: RetryDelay is {RetryDelay}; it must be 10 ms to 1 minute.";
    }
}
