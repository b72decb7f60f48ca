namespace Data.Health.Evaluation;

/// <summary>
/// Codes that say why a contributor has its status. They are safe to show: none carries the text of an exception or the address of
/// a dependency.
/// </summary>
public static class HealthReasons
{
    /// <summary>
    /// The key in <c>HealthCheckResult.Data</c> under which a check may give a code of its own (letters, digits, <c>_</c>).
    /// </summary>
    public const string DataKey = "reason";

    /// <summary>The check answered healthy.</summary>
    public const string Ok = "ok";

    /// <summary>The check answered degraded and gave no code.</summary>
    public const string Degraded = "degraded";

    /// <summary>The check answered unhealthy and gave no code.</summary>
    public const string Failed = "failed";

    /// <summary>The check threw.</summary>
    public const string Error = "error";

    /// <summary>The check did not answer within its time-out.</summary>
    public const string TimedOut = "timed_out";

    /// <summary>An earlier run has outlived its time-out and still holds on; the check is not started a second time.</summary>
    public const string Hung = "hung";

    /// <summary>The last result is older than the contributor's maximum age.</summary>
    public const string Stale = "stale";

    /// <summary>The check has not run yet.</summary>
    public const string NotEvaluated = "not_evaluated";

    internal static bool IsCode(string? text)
    {
        if (text is not { Length: > 0 and <= 64 })
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return false;
        }

        return true;
    }
}
