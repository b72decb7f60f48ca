using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Interceptors;

/// <summary>Writes slow commands to the log, at most one entry per fingerprint and interval.</summary>
internal sealed partial class SlowQueryLog(
    QueryDiagnosticsOptions options,
    PlanCapture plans,
    TimeProvider time,
    ILogger<SlowQueryLog> logger)
{
    private const int MaxValueLength = 100;

    private readonly long _intervalTicks = (long)(options.SlowQueryLogInterval.TotalSeconds * time.TimestampFrequency);

    public void Report(Statement statement, in CommandCompletion completion)
    {
        var statistics = statement.Statistics;
        var now = time.GetTimestamp();
        var next = Volatile.Read(ref statistics.NextLogTimestamp);
        var first = next == 0;
        if ((!first && now < next)
            || Interlocked.CompareExchange(ref statistics.NextLogTimestamp, Math.Max(now + _intervalTicks, 1), next) != next)
        {
            Interlocked.Increment(ref statistics.SuppressedCount);
            return;
        }

        var suppressed = Interlocked.Exchange(ref statistics.SuppressedCount, 0);
        plans.Request(statement, completion);
        if (!logger.IsEnabled(LogLevel.Warning))
            return;
        LogSlow(
            logger,
            completion.Duration.TotalMilliseconds,
            statement.Threshold.TotalMilliseconds,
            completion.Failed ? "failed" : "succeeded",
            suppressed,
            statement.Fingerprint.Id,
            statement.Tags.Count == 0 ? "none" : string.Join(", ", statement.Tags),
            options.LogParameters && completion.Command is not null ? Format(completion.CreateParameters()) : "not logged",
            statement.Fingerprint.Text);
    }

    private static string Format(NpgsqlParameter[] parameters)
    {
        if (parameters.Length == 0)
            return "none";
        var text = new StringBuilder();
        foreach (var parameter in parameters)
        {
            var shown = parameter.Value is null or DBNull ? "NULL" : Convert.ToString(parameter.Value, CultureInfo.InvariantCulture) ?? "";
            text.Append(text.Length == 0 ? "" : ", ").Append(parameter.ParameterName).Append('=')
                .Append(shown.Length > MaxValueLength ? string.Concat(shown.AsSpan(0, MaxValueLength), "…") : shown);
        }

        return text.ToString();
    }

    [LoggerMessage(1300, LogLevel.Warning,
        "Slow query: {DurationMs:0} ms (threshold {ThresholdMs:0} ms), {Outcome}; {Suppressed} more like it since the last entry. "
        + "Fingerprint {Fingerprint}, tags {Tags}, parameters {Parameters}: {Statement}")]
    private static partial void LogSlow(
        ILogger logger,
        double durationMs,
        double thresholdMs,
        string outcome,
        int suppressed,
        string fingerprint,
        string tags,
        string parameters,
        string statement);
}
