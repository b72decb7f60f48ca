namespace Data.Health.Evaluation;

/// <summary>How one contributor is evaluated and what its failure means.</summary>
/// <remarks>
/// A property left <see langword="null"/> is taken from the registration (code), else from <c>DataHealthOptions.Defaults</c>, else
/// from the default it documents. Configuration wins over code, so operators can change a period without a release.
/// </remarks>
public sealed class ContributorOptions
{
    /// <summary>Time from the start of one evaluation to the start of the next. Default 10 s; 10 ms to 1 day.</summary>
    public TimeSpan? Period { get; set; }

    /// <summary>
    /// Time after which an evaluation is answered for the check, even if the check ignores its token. Default 5 s; 1 ms to 10 minutes.
    /// </summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Age from which a result counts as failed. Default three periods and one time-out; at least one period.</summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>
    /// Pause before a changed result is checked again, while fewer than the threshold agree. Default 500 ms; zero to one time-out.
    /// </summary>
    public TimeSpan? ConfirmationDelay { get; set; }

    /// <summary>
    /// Consecutive worse results needed to go down. Default 2; 1 to 100. A time-out counts as all of them: it has outlasted every
    /// retransmission of a lost packet.
    /// </summary>
    public int? FailureThreshold { get; set; }

    /// <summary>Consecutive better results needed to come up again. Default 2; 1 to 100.</summary>
    public int? SuccessThreshold { get; set; }

    /// <summary>
    /// Whether the service cannot work without it: if <see langword="true"/> its failure fails readiness, otherwise it degrades.
    /// Default <see langword="true"/>.
    /// </summary>
    public bool? Critical { get; set; }

    /// <summary>When the check runs. Default <see cref="EvaluationMode.Background"/>.</summary>
    public EvaluationMode? Mode { get; set; }

    /// <summary>
    /// Whether authorised callers see the description that the check returned. Default <see langword="true"/> for the contributors of
    /// this package, <see langword="false"/> for others, whose texts may name hosts or repeat an exception.
    /// </summary>
    public bool? ShowDescription { get; set; }

    /// <summary>Tags in addition to those of the registration; groups select by them. Default none.</summary>
    public IList<string> Tags { get; } = [];

    internal void ApplyTo(ContributorPolicyBuilder policy)
    {
        policy.Period = Period ?? policy.Period;
        policy.Timeout = Timeout ?? policy.Timeout;
        policy.MaxAge = MaxAge ?? policy.MaxAge;
        policy.ConfirmationDelay = ConfirmationDelay ?? policy.ConfirmationDelay;
        policy.FailureThreshold = FailureThreshold ?? policy.FailureThreshold;
        policy.SuccessThreshold = SuccessThreshold ?? policy.SuccessThreshold;
        policy.Critical = Critical ?? policy.Critical;
        policy.Mode = Mode ?? policy.Mode;
        policy.ShowDescription = ShowDescription ?? policy.ShowDescription;
        policy.Tags.UnionWith(Tags);
    }
}
