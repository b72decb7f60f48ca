using System.Diagnostics.Metrics;
using Data.Resilience.Internal;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Interceptors;

/// <summary>Finds statements that one call site repeats within a session.</summary>
/// <remarks>
/// A stack walk costs more than many queries, so the first half of the limit is only counted. After that the call site of each
/// repetition is noted, and the report is made when the limit is passed and one site made all the noted repetitions that the limit
/// allows in the second half. Sessions below half of the limit pay one dictionary look-up per command.
/// </remarks>
internal sealed partial class NPlusOneDetector(QueryDiagnosticsOptions options, ILogger<NPlusOneDetector> logger) : IDisposable
{
    private readonly Meter _meter = new(ResilienceTelemetry.Name);
    private readonly NPlusOneAction _action = options.NPlusOne;
    private readonly int _limit = options.NPlusOneLimit;
    private Counter<long>? _found;

    public bool Enabled => _action != NPlusOneAction.None;

    public void Dispose() => _meter.Dispose();

    public void Observe(ref Repetition repetition, Statement statement)
    {
        repetition.Count++;
        // Beyond four limits without one repeating site the statement is simply used a lot; stop paying for stacks.
        if (repetition.Count <= _limit / 2 || repetition.Reported || repetition.Count > _limit * 4L)
            return;
        var site = CallSite.Capture();
        repetition.Sites ??= [];
        var seen = repetition.Sites[site] = repetition.Sites.GetValueOrDefault(site) + 1;
        if (seen <= _limit - (_limit / 2) || repetition.Count <= _limit)
            return;
        repetition.Reported = _action != NPlusOneAction.Throw;
        Report(statement, repetition.Count);
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
