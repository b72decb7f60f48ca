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
    /// Pause before the check runs again to confirm a changed result, while the results so far are fewer than the threshold. Default:
    /// 500 ms, or a quarter of <see cref="Timeout"/> if that is less. Range: 0–<see cref="Timeout"/>.
    /// </summary>
    public TimeSpan? ConfirmationDelay { get; set; }

    /// <summary>
    /// Consecutive worse results needed to go down. A time-out needs no confirmation: it outlasts every retransmission of a lost packet.
    /// Default: 2. Range: 1–100.
    /// </summary>
    public int? FailureThreshold { get; set; }

    /// <summary>Consecutive better results needed to come up again. Default: 2. Range: 1–100.</summary>
    public int? SuccessThreshold { get; set; }

    /// <summary>
    /// Whether the service cannot work without the contributor: if <see langword="true"/>, its failure fails readiness; otherwise its
    /// failure degrades the service. Default: <see langword="true"/>.
    /// </summary>
    public bool? Critical { get; set; }

    /// <summary>When the check runs. Default: <see cref="EvaluationMode.Background"/>.</summary>
    public EvaluationMode? Mode { get; set; }

    /// <summary>
    /// Whether authorised callers see the description that the check returned. Default: <see langword="true"/> for the contributors of
    /// this package, <see langword="false"/> for others, whose descriptions may contain hosts or the text of an exception.
    /// </summary>
    public bool? ShowDescription { get; set; }

    /// <summary>Tags in addition to those of the registration; groups select by them. Default: none.</summary>
    public IList<string> Tags { get; } = [];
}
