namespace Data.Health.Evaluation;

/// <summary>The settings of one contributor after defaults, code and configuration are merged.</summary>
internal sealed record ContributorPolicy(
    TimeSpan Delay,
    TimeSpan Period,
    TimeSpan RecoveryPeriod,
    TimeSpan Timeout,
    TimeSpan MaxAge,
    TimeSpan ConfirmationDelay,
    int FailureThreshold,
    int SuccessThreshold,
    int MaxHungRuns,
    TimeSpan HungRetryDelay,
    bool Critical,
    EvaluationMode Mode,
    bool ShowDescription,
    IReadOnlyCollection<string> Tags);
