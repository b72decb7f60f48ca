namespace Data.Health.Evaluation;

/// <summary>
/// Codes that explain a contributor's status. They are safe to show: none contains the text of an exception or the address of a
/// dependency.
/// </summary>
public static class HealthReasons
{
    /// <summary>
    /// The key in <c>HealthCheckResult.Data</c> under which a check may give a code of its own (letters, digits, <c>_</c>).
    /// </summary>
    public const string DataKey = "reason";

    /// <summary>The check returned healthy.</summary>
    public const string Ok = "ok";

    /// <summary>The check returned degraded without a code.</summary>
    public const string Degraded = "degraded";

    /// <summary>The check returned unhealthy without a code.</summary>
    public const string Failed = "failed";

    /// <summary>The check threw an exception.</summary>
    public const string Error = "error";

    /// <summary>The check did not return within its time-out.</summary>
    public const string TimedOut = "timed_out";

    /// <summary>An earlier run exceeded its time-out and has not ended; the check is not started a second time.</summary>
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
