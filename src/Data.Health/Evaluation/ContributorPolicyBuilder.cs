namespace Data.Health.Evaluation;

/// <summary>Collects layers of settings, of which the last one wins, and builds the policy from them.</summary>
internal sealed class ContributorPolicyBuilder
{
    /// <summary>Time before the first evaluation, from the registration.</summary>
    public TimeSpan Delay { get; set; }

    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan? RecoveryPeriod { get; set; }

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan? MaxAge { get; set; }

    public TimeSpan? ConfirmationDelay { get; set; }

    public int FailureThreshold { get; set; } = 1;

    public int SuccessThreshold { get; set; } = 3;

    public int MaxHungRuns { get; set; } = 3;

    public TimeSpan HungRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    public bool Critical { get; set; } = true;

    public EvaluationMode Mode { get; set; }

    public bool ShowDescription { get; set; }

    public HashSet<string> Tags { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Overrides every setting that the options state.</summary>
    public void Apply(ContributorOptions options)
    {
        Period = options.Period ?? Period;
        RecoveryPeriod = options.RecoveryPeriod ?? RecoveryPeriod;
        Timeout = options.Timeout ?? Timeout;
        MaxAge = options.MaxAge ?? MaxAge;
        ConfirmationDelay = options.ConfirmationDelay ?? ConfirmationDelay;
        FailureThreshold = options.FailureThreshold ?? FailureThreshold;
        SuccessThreshold = options.SuccessThreshold ?? SuccessThreshold;
        MaxHungRuns = options.MaxHungRuns ?? MaxHungRuns;
        HungRetryDelay = options.HungRetryDelay ?? HungRetryDelay;
        Critical = options.Critical ?? Critical;
        Mode = options.Mode ?? Mode;
        ShowDescription = options.ShowDescription ?? ShowDescription;
        Tags.UnionWith(options.Tags);
    }

    public ContributorPolicy Build() => new(
        Delay,
        Period,
        RecoveryPeriod ?? Min(Period, Max(Min(Period / 5, TimeSpan.FromMinutes(1)), TimeSpan.FromSeconds(1))),
        Timeout,
        MaxAge ?? (3 * Period) + Timeout,
        ConfirmationDelay ?? Min(TimeSpan.FromMilliseconds(500), Timeout / 4),
        FailureThreshold,
        SuccessThreshold,
        MaxHungRuns,
        HungRetryDelay,
        Critical,
        Mode,
        ShowDescription,
        Tags);

    /// <summary>Returns a message for every setting that is out of range.</summary>
    public IEnumerable<string> Errors(string contributor)
    {
        var at = $"contributor '{contributor}'";
        if (Period < TimeSpan.FromMilliseconds(10) || Period > TimeSpan.FromDays(1))
            yield return $"{at}: Period is {Period}; it must be 10 ms to 1 day.";
        if (RecoveryPeriod is { } recovery && (recovery < TimeSpan.FromMilliseconds(10) || recovery > Period))
            yield return $"{at}: RecoveryPeriod is {recovery}; it must be 10 ms to the period of {Period}.";
        if (Timeout < TimeSpan.FromMilliseconds(1) || Timeout > TimeSpan.FromMinutes(10))
            yield return $"{at}: Timeout is {Timeout}; it must be 1 ms to 10 minutes.";
        if (MaxAge is { } age && age < Period)
            yield return $"{at}: MaxAge is {age}; it must be at least the period of {Period}, or every result would be stale.";
        if (ConfirmationDelay is { } delay && (delay < TimeSpan.Zero || delay > Timeout))
            yield return $"{at}: ConfirmationDelay is {delay}; it must be zero to the time-out of {Timeout}.";
        if (FailureThreshold is < 1 or > 100)
            yield return $"{at}: FailureThreshold is {FailureThreshold}; it must be 1 to 100.";
        if (SuccessThreshold is < 1 or > 100)
            yield return $"{at}: SuccessThreshold is {SuccessThreshold}; it must be 1 to 100.";
        if (MaxHungRuns is < 1 or > 100)
            yield return $"{at}: MaxHungRuns is {MaxHungRuns}; it must be 1 to 100.";
        if (HungRetryDelay < TimeSpan.FromSeconds(1) || HungRetryDelay > TimeSpan.FromDays(1))
            yield return $"{at}: HungRetryDelay is {HungRetryDelay}; it must be 1 s to 1 day.";
        if (!Enum.IsDefined(Mode))
            yield return $"{at}: Mode is {(int)Mode}; it must be Background or OnDemand.";
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
