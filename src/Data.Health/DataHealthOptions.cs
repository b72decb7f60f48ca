using Data.Health.Endpoints;
using Data.Health.Evaluation;
using Data.Health.Groups;
using Data.Health.Notifications;

namespace Data.Health;

/// <summary>Settings of the evaluation, the groups, the endpoints and the notifications. Validated when the host starts.</summary>
public sealed class DataHealthOptions
{
    /// <summary>
    /// Settings of every contributor that has none of its own. Default: nothing set, see <see cref="ContributorOptions"/>.
    /// </summary>
    public ContributorOptions Defaults { get; } = new();

    /// <summary>Settings by contributor name; they win over those given in code. A name that is not registered is an error.</summary>
    public IDictionary<string, ContributorOptions> Contributors { get; } =
        new Dictionary<string, ContributorOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Groups by name, each served under <c>/health/{name}</c>. Default none.</summary>
    public IDictionary<string, HealthGroupOptions> Groups { get; } =
        new Dictionary<string, HealthGroupOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Paths, formats and who sees details.</summary>
    public HealthEndpointOptions Endpoints { get; } = new();

    /// <summary>Addresses that are sent each change. Default none.</summary>
    public IList<WebhookOptions> Webhooks { get; } = [];

    /// <summary>Changes kept per contributor. Default 100; 1 to 10,000.</summary>
    public int HistoryCount { get; set; } = 100;

    /// <summary>
    /// Longest silence of the thread pool or the evaluator before liveness fails. Default 30 s; 1 s to 1 hour. Short ones restart a
    /// process that is merely busy.
    /// </summary>
    public TimeSpan LivenessMaxSilence { get; set; } = TimeSpan.FromSeconds(30);
}
