using System.Globalization;
using Data.Resilience.Connections;
using Data.Resilience.Retry;
using Data.Resilience.Transience;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Commits;

/// <summary>Finds out, over new connections and until a deadline, what became of a transaction whose COMMIT was not answered.</summary>
internal sealed class CommitVerifier(IConnectionOpener opener, Backoff backoff, TimeProvider time)
{
    private const string ServerColumns =
        """
        (SELECT system_identifier::text FROM pg_control_system()), pg_walfile_name(pg_current_wal_insert_lsn()),
        c.checkpoint_lsn, c.redo_lsn, c.next_xid,
        greatest(pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time()) FROM pg_control_checkpoint() c
        """;

    // The lost session's backend may not have noticed that its client is gone; ended, it can no longer commit. Allowed to the same role.
    private const string EndBackend = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = $1::text::xid AND "
        + "usesysid = (SELECT oid FROM pg_roles WHERE rolname = current_user)";

    /// <summary>Asks until there is an answer that counts or time is up.</summary>
    /// <returns>Committed, perhaps locally only, or aborted; unknown or in progress when that is all there is to know.</returns>
    public async ValueTask<CommitOutcome> VerifyAsync(DatabaseNode node, TransactionMark mark, TimeSpan limit)
    {
        if (mark.SystemIdentifier is null)
            return CommitOutcome.Unknown;

        var start = time.GetTimestamp();
        var outcome = CommitOutcome.Unknown;
        var wasEnded = false;
        using var deadline = new CancellationTokenSource(limit, time);
        for (var retry = 1; ; retry++)
        {
            try
            {
                var ends = outcome == CommitOutcome.InProgress && time.GetElapsedTime(start) > limit / 4;
                wasEnded |= ends;
                outcome = await WaitAsync(AskAsync(node, mark, ends, deadline.Token), LeftAt(start, limit)).ConfigureAwait(false);
                // Ended and committed nevertheless: past its commit record, it was waiting for the synchronous standby.
                if (outcome == CommitOutcome.Committed && wasEnded)
                    return CommitOutcome.CommittedLocally;
                if (outcome != CommitOutcome.InProgress)
                    return outcome;
            }
            catch (Exception exception)
            {
                // Whatever it is, a torn answer of a pooler for instance: it says nothing about the transaction.
                if (exception is PostgresException { SqlState: SqlStates.InsufficientPrivilege } denied)
                {
                    node.HiddenFunction = TransactionMark.NameOfDenied(denied);
                    return CommitOutcome.Unknown;
                }

                LookElsewhere(node, exception);
            }

            var left = LeftAt(start, limit);
            if (left == TimeSpan.Zero || deadline.IsCancellationRequested)
                return outcome;

            var delay = backoff.Next(Math.Min(retry, 4));
            await Task.Delay(delay < left ? delay : left, time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private TimeSpan LeftAt(long start, TimeSpan limit)
    {
        var left = limit - time.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Waits for an answer no longer than it counts: the driver may hang on a frozen server, whatever its token says.</summary>
    private async Task<CommitOutcome> WaitAsync(Task<CommitOutcome> asking, TimeSpan left)
    {
        try
        {
            return await asking.WaitAsync(left, time).ConfigureAwait(false);
        }
        finally
        {
            if (!asking.IsCompleted)
                _ = asking.ContinueWith(static late => late.Exception, TaskScheduler.Default);
        }
    }

    private async Task<CommitOutcome> AskAsync(
        DatabaseNode node,
        TransactionMark mark,
        bool endBackend,
        CancellationToken cancellationToken)
    {
        var connection = await opener.OpenAsync(node, cancellationToken).ConfigureAwait(false);
        try
        {
            if (endBackend)
                await EndAsync(connection, mark, cancellationToken).ConfigureAwait(false);

            CommitObservation seen;
            try
            {
                seen = await ObserveAsync(connection, mark.TransactionId, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (string.Equals(
                exception.SqlState,
                SqlStates.InvalidParameterValue,
                StringComparison.Ordinal))
            {
                seen = await ObserveAsync(connection, transactionId: null, cancellationToken).ConfigureAwait(false);
            }

            return CommitJudge.Judge(mark, seen);
        }
        finally
        {
            await TornConnection.DisposeAsync(connection).ConfigureAwait(false);
        }
    }

    /// <summary>Looks for the primary again when a standby answered or no host is the primary.</summary>
    private static void LookElsewhere(DatabaseNode node, Exception exception)
    {
        var verdict = FailureClassifier.Judge(exception, SessionPhase.Open, connectionBroken: false);
        // In recovery there is no position to be written at.
        if (verdict == FailureVerdict.Reroute || exception is PostgresException { SqlState: SqlStates.ObjectNotInPrerequisiteState })
            node.Reroute();
        else if (verdict == FailureVerdict.RetryHosts)
            node.ForgetHosts();
    }

    private static async ValueTask<CommitObservation> ObserveAsync(
        NpgsqlConnection connection,
        ulong? transactionId,
        CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            transactionId is null ? $"SELECT '{CommitObservation.Future}', {ServerColumns}" : $"SELECT pg_xact_status($1), {ServerColumns}",
            connection);
        await using (command.ConfigureAwait(false))
        {
            if (transactionId is { } id)
                command.Parameters.Add(new NpgsqlParameter { Value = id, NpgsqlDbType = NpgsqlDbType.Xid8 });

            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                return new CommitObservation(
                    await reader.IsDBNullAsync(0, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(0),
                    reader.GetString(1),
                    TransactionMark.TimelineOf(reader.GetString(2)),
                    reader.GetFieldValue<NpgsqlLogSequenceNumber>(3),
                    reader.GetFieldValue<NpgsqlLogSequenceNumber>(4),
                    ParseNextId(reader.GetString(5)),
                    reader.GetDateTime(6));
            }
        }
    }

    private static async ValueTask EndAsync(NpgsqlConnection connection, TransactionMark mark, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(EndBackend, connection);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.AddWithValue(((uint)mark.TransactionId).ToString(CultureInfo.InvariantCulture));
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads "epoch:id" into the 64-bit id.</summary>
    private static ulong ParseNextId(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var epoch = ulong.Parse(text.AsSpan(0, colon), CultureInfo.InvariantCulture);
        return (epoch << 32) | ulong.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture);
    }
}
