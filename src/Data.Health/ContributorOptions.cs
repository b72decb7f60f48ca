namespace Data.Health.Evaluation;

/// <summary>How one contributor is evaluated and what its failure means.</summary>
/// <remarks>
/// A property left <see langword="null"/> takes its value from the registration (code), then from <c>DataHealthOptions.Defaults</c>, then
/// from the default stated here. Configuration wins over code, so operators can change a period without a release.
/// </remarks>
public sealed class ContributorOptions
{
    /// <summary>Time from the start of one evaluation to the start of the next. Default: 10 s. Range: 10 ms–1 day.</summary>
    public TimeSpan? Period { get; set; }

    /// <summary>
    /// Time after which an evaluation ends with a failure, even if the check ignores its token. Default: 5 s. Range: 1 ms–10 min.
    /// </summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>
    /// Age at which a result counts as failed. Default: three times <see cref="Period"/> plus <see cref="Timeout"/>. Range: at least
    /// <see cref="Period"/>.
    /// </summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>
    /// Time from one evaluation to the next while the contributor is unhealthy, so that a recovery is seen early. A contributor that fails
    /// again within ten periods of its last recovery is evaluated once per <see cref="Period"/>. Default: a fifth of <see cref="Period"/>,
    /// at least 1 s and at most 1 min, but never more than <see cref="Period"/>. Range: 10 ms–<see cref="Period"/>.
    /// </summary>
    public TimeSpan? RecoveryPeriod { get; set; }

    /// <summary>
    /// Pause before the check runs a second time, within the same evaluation, to confirm a worse result. The better of the two results
    /// counts. A time-out is not confirmed: it outlasts every retransmission of a lost packet. Default: 500 ms, or a quarter of
    /// <see cref="Timeout"/> if that is less. Range: 0–<see cref="Timeout"/>, which switches confirmation off.
    /// </summary>
    public TimeSpan? ConfirmationDelay { get; set; }

    /// <summary>
    /// Consecutive worse evaluations needed to go down, one per <see cref="Period"/>. With 1, a confirmed failure is adopted by the
    /// evaluation that sees it: at most one <see cref="Period"/> and one <see cref="Timeout"/> after it happened. Default: 1. Range: 1–100.
    /// </summary>
    public int? FailureThreshold { get; set; }

    /// <summary>
    /// Consecutive better evaluations needed to come up again, one per <see cref="RecoveryPeriod"/> while the contributor is unhealthy.
    /// Default: 3. Range: 1–100.
    /// </summary>
    public int? SuccessThreshold { get; set; }

    /// <summary>
    /// Number of runs of the check that may hang at the same time. While fewer hang, the check is tried again after
    /// <see cref="HungRetryDelay"/>; 1 waits for the hung run to end. Default: 3. Range: 1–100.
    /// </summary>
    public int? MaxHungRuns { get; set; }

    /// <summary>
    /// Time that a run has to hang before the check is tried again; it doubles with each further run that hangs. Default: 1 min. Range:
    /// 1 s–1 day.
    /// </summary>
    public TimeSpan? HungRetryDelay { get; set; }

    /// <summary>
    /// Whether the service cannot work without the contributor: if <see langword="true"/>, its failure fails readiness; otherwise its
    /// failure degrades the service. Default: <see langword="true"/>.
    /// </summary>
    public bool? Critical { get; set; }

    /// <summary>When the check runs. Default: <see cref="EvaluationMode.Background"/>.</summary>
    public EvaluationMode? Mode { get; set; }

    /// <summary>
    /// Whether authorised callers see the texts that the check returned: its description, and those values of its data that are texts.
    /// Default: <see langword="true"/> for the contributors of this package, <see langword="false"/> for others, whose texts may contain
    /// hosts, keys or the message of an exception.
    /// </summary>
    public bool? ShowDescription { get; set; }

    /// <summary>Tags in addition to those of the registration; groups select by them. Default: none.</summary>
    public IList<string> Tags { get; } = [];
}
