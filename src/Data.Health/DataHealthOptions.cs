using Data.Health.Endpoints;
using Data.Health.Evaluation;
using Data.Health.Groups;
using Data.Health.Notifications;

namespace Data.Health;

/// <summary>Settings of the evaluation, the groups, the endpoints and the notifications. Validated when the host starts.</summary>
public sealed class DataHealthOptions
{
    /// <summary>
    /// Settings for contributors without settings of their own. Default: nothing set, see <see cref="ContributorOptions"/>.
    /// </summary>
    public ContributorOptions Defaults { get; } = new();

    /// <summary>
    /// Settings by contributor name; they take precedence over settings in code. A name that is not registered is an error. Default: none.
    /// </summary>
    public IDictionary<string, ContributorOptions> Contributors { get; } =
        new Dictionary<string, ContributorOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Groups by name, each served under <c>/health/{name}</c>. Default: none.</summary>
    public IDictionary<string, HealthGroupOptions> Groups { get; } =
        new Dictionary<string, HealthGroupOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Paths, formats, and who sees details. Default: see <see cref="HealthEndpointOptions"/>.</summary>
    public HealthEndpointOptions Endpoints { get; } = new();

    /// <summary>Addresses that receive each change. Default: none.</summary>
    public IList<WebhookOptions> Webhooks { get; } = [];

    /// <summary>Number of changes kept per contributor. Default: 100. Range: 1–10,000.</summary>
    public int HistoryCount { get; set; } = 100;

    /// <summary>
    /// Longest time without progress of the thread pool or the evaluator before liveness fails. Short times restart a process that is
    /// only busy. Default: 30 s. Range: 1 s–1 h.
    /// </summary>
    public TimeSpan LivenessMaxSilence { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time between the start of a shutdown and the closing of the server's sockets. Meanwhile requests are answered and readiness fails,
    /// so that load balancers stop sending traffic. Default: 0. Range: 0 to less than the host's <c>ShutdownTimeout</c> (30 s by default).
    /// </summary>
    public TimeSpan ShutdownDelay { get; set; }
}
