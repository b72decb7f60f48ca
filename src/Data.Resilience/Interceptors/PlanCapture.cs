using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Interceptors;

/// <summary>Asks PostgreSQL for the plan of a slow command, in the background, one at a time, on a connection of its own.</summary>
internal sealed partial class PlanCapture(QueryDiagnosticsOptions options, ILogger<PlanCapture> logger)
{
    private int _busy;

    /// <summary>Starts a capture unless one is running; never throws into the caller's command.</summary>
    public void Request(Statement statement, in CommandCompletion completion)
    {
        if (options.PlanCapture == PlanCaptureMode.None
            || completion.Connection?.DbConnection is not NpgsqlConnection connection
            || !Explainable().IsMatch(statement.Fingerprint.Text)
            || statement.Fingerprint.Text.Contains(';', StringComparison.Ordinal)
            || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            return;
        }

        // The clone shares the data source (and its credentials), not the connection: the session's own may be broken or in a transaction.
        var own = (NpgsqlConnection)((ICloneable)connection).Clone();
        var parameters = completion.CreateParameters();
        var text = completion.Command!.CommandText;
        _ = Task.Run(() => CaptureAsync(statement, own, text, parameters));
    }

    private async Task CaptureAsync(Statement statement, NpgsqlConnection connection, string text, NpgsqlParameter[] parameters)
    {
        try
        {
            await using (connection.ConfigureAwait(false))
            {
                var plan = await ExplainAsync(statement, connection, text, parameters).ConfigureAwait(false);
                plan = options.LogParameters ? plan : PlanText.WithoutValues(plan);
                statement.Statistics.Plan = plan;
                LogPlan(logger, statement.Fingerprint.Id, plan);
            }
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException or IOException)
        {
            LogNoPlan(logger, statement.Fingerprint.Id, (e as PostgresException)?.SqlState ?? e.GetType().Name);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    private async Task<string> ExplainAsync(
        Statement statement, NpgsqlConnection connection, string text, NpgsqlParameter[] parameters)
    {
        var analyze = options.PlanCapture == PlanCaptureMode.AnalyzeReads && OnlyReads(statement.Fingerprint.Text);
        await connection.OpenAsync().ConfigureAwait(false);
        var limits = new NpgsqlCommand(
            "BEGIN READ ONLY; SET LOCAL lock_timeout = '1s'; SET LOCAL statement_timeout = "
            + ((int)options.PlanCaptureTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            connection);
        await using (limits.ConfigureAwait(false))
            await limits.ExecuteNonQueryAsync().ConfigureAwait(false);

        // A read-only transaction is the second lock on the door: even a SELECT that calls a writing function cannot change anything.
        var explain = new NpgsqlCommand((analyze ? "EXPLAIN (ANALYZE, BUFFERS) " : "EXPLAIN ") + text, connection);
        await using var _ = explain.ConfigureAwait(false);
        explain.Parameters.AddRange(parameters);
        var lines = new List<string>();
        var reader = await explain.ExecuteReaderAsync().ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync().ConfigureAwait(false))
                lines.Add(reader.GetString(0));
        }

        var end = new NpgsqlCommand("ROLLBACK", connection);
        await using (end.ConfigureAwait(false))
            await end.ExecuteNonQueryAsync().ConfigureAwait(false);
        return string.Join('\n', lines);
    }

    internal static bool OnlyReads(string fingerprint) => Reads().IsMatch(fingerprint) && !Writes().IsMatch(fingerprint);

    [GeneratedRegex(@"^\s*(select|with|insert|update|delete|merge|values|table)\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Explainable();

    [GeneratedRegex(@"^\s*(select|with|values|table)\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Reads();

    [GeneratedRegex(@"\b(insert|update|delete|merge|into|share)\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Writes();

    [LoggerMessage(1302, LogLevel.Information, "Plan of slow query {Fingerprint}:\n{Plan}")]
    private static partial void LogPlan(ILogger logger, string fingerprint, string plan);

    [LoggerMessage(1303, LogLevel.Information, "No plan for slow query {Fingerprint}: {Reason}")]
    private static partial void LogNoPlan(ILogger logger, string fingerprint, string reason);
}
