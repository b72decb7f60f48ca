namespace Data.Health.Evaluation;

/// <summary>
/// Codes that explain a contributor's status. They are safe to show: none contains the text of an exception or the address of a
/// dependency.
/// </summary>
public static class HealthReasons
{
    /// <summary>
    /// The key in <c>HealthCheckResult.Data</c> under which a check may give a code of its own: at most 40 letters, digits and <c>_</c>,
    /// a letter first.
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

    /// <summary>Work waited a second or longer for a thread of the pool, so that checks were evaluated late.</summary>
    public const string Late = "late";

    /// <summary>
    /// The name under which <see cref="History.HealthChange.Contributor"/> tells of the evaluation itself, with the reason
    /// <see cref="Late"/> and, when it keeps up again, <see cref="Ok"/>. It is no contributor.
    /// </summary>
    public const string Evaluation = "evaluation";

    /// <summary>Whether a text is a code; what is shaped like a key or an address is none.</summary>
    internal static bool IsCode(string? text)
    {
        if (text is not { Length: > 0 and <= 40 } || !char.IsAsciiLetter(text[0]))
            return false;
        var digits = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return false;
            if (char.IsAsciiDigit(c))
                digits++;
        }

        return digits <= 3 || text.Length < 16;
    }
}
