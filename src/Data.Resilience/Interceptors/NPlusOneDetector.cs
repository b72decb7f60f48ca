using System.Diagnostics.Metrics;
using Data.Resilience.Internal;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Interceptors;

/// <summary>Finds statements with which one call site looks up many things one by one within a session.</summary>
/// <remarks>
/// <para>
/// What counts is a query that runs with other parameters than before. The same parameters again are a missing cache, not N+1; writes
/// cannot be loaded by one query; and what merely moves on over a list is no look-up (see <see cref="StatementShape"/>).
/// </para>
/// <para>
/// A stack walk costs more than many queries, so the first half of the limit is only counted. After that the call site of each repetition
/// is noted, and the report is made when the limit is passed and one site looked up more than the second half of it by itself. Sessions
/// below half of the limit pay one dictionary look-up per command.
/// </para>
/// </remarks>
internal sealed partial class NPlusOneDetector(QueryDiagnosticsOptions options, ILogger<NPlusOneDetector> logger) : IDisposable
{
    private readonly Meter _meter = new(ResilienceTelemetry.Name);
    private readonly NPlusOneAction _action = options.NPlusOne;
    private readonly int _limit = options.NPlusOneLimit;
    private Counter<long>? _found;

    public bool Enabled => _action != NPlusOneAction.None;

    public void Dispose() => _meter.Dispose();

    /// <summary>Notes one execution.</summary>
    /// <param name="repetition">The statement's account in this session.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="lookup">Stands for what is looked up: equal for equal parameters.</param>
    /// <param name="previous">The site of the command before in this session.</param>
    /// <param name="isBare">Whether the command runs on the bare connection.</param>
    /// <returns>Its site.</returns>
    public CallSite Observe(ref Repetition repetition, Statement statement, int lookup, CallSite previous, bool isBare)
    {
        repetition.Executions++;
        if (repetition.Changes > 0 && repetition.LastLookup == lookup)
            return CallSite.Of(statement);
        repetition.LastLookup = lookup;
        repetition.Changes++;
        // Beyond four limits without one repeating site the statement is simply used a lot; stop paying for stacks.
        if (repetition.Changes <= _limit / 2 || repetition.IsReported || repetition.Changes > _limit * 4L)
            return CallSite.Of(statement);
        var site = CallSite.Capture(previous, isBare);
        if (!site.IsOfPackage && IsBeyondLimit(ref repetition, site, lookup))
        {
            repetition.IsReported = _action != NPlusOneAction.Throw;
            Report(statement, repetition.Executions);
        }

        return site;
    }

    private bool IsBeyondLimit(ref Repetition repetition, CallSite site, int lookup)
    {
        var sites = repetition.Sites ??= [];
        if (!sites.TryGetValue(site, out var lookups))
            sites[site] = lookups = [];
        lookups.Add(lookup);
        return repetition.Changes > _limit && LookupsOf(sites, site) > _limit - (_limit / 2);
    }

    /// <summary>
    /// Returns how many things one loop at a site looked up: its caller is on the stack until it first waits, and no more after that.
    /// </summary>
    private static int LookupsOf(Dictionary<CallSite, HashSet<int>> sites, CallSite site)
    {
        var place = site.WithoutCaller();
        var later = sites.GetValueOrDefault(place) ?? [];
        return sites.Where(one => one.Key.WithoutCaller() == place).Max(one => one.Value.Union(later).Count());
    }

    private void Report(Statement statement, int count)
    {
        LazyInitializer.EnsureInitialized(ref _found, () =>
            _meter.CreateCounter<long>(
                "data.resilience.query.n_plus_one",
                "{session}",
                "Sessions in which one call site repeated a statement."));
        _found.Add(1, new KeyValuePair<string, object?>(ResilienceTelemetry.FingerprintTag, statement.Fingerprint.Id));
        if (_action == NPlusOneAction.Throw)
            throw new NPlusOneException(statement.Fingerprint, CallSite.Describe(), count);
        if (_action == NPlusOneAction.Log && logger.IsEnabled(LogLevel.Warning))
            LogRepeated(logger, count, CallSite.Describe(), statement.Fingerprint.Id, statement.Fingerprint.Text);
    }

    [LoggerMessage(1301, LogLevel.Warning,
        "N+1: one statement ran {Count} times in one session from {CallSite}. Load the rows with one query instead. Fingerprint "
        + "{Fingerprint}: {Statement}")]
    private static partial void LogRepeated(ILogger logger, int count, string callSite, string fingerprint, string statement);
}
