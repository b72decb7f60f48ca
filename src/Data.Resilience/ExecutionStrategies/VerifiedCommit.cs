using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>Commits a transaction of EF so that a lost answer is followed by finding out what became of it.</summary>
/// <remarks>
/// Before COMMIT the transaction is marked, in a round trip of its own; a transaction that wrote nothing has no id and no mark. What is
/// found to be committed is committed as far as the caller is concerned: the result of the operation is kept, which no verification after
/// the operation could do.
/// </remarks>
internal static class VerifiedCommit
{
    /// <summary>Commits.</summary>
    /// <param name="services">Services of the context's strategy.</param>
    /// <param name="transaction">The transaction; neither committed nor rolled back.</param>
    /// <param name="context">The context that it belongs to.</param>
    /// <param name="isAsync">False to complete on the calling thread.</param>
    /// <param name="cancellationToken">Cancels the marking. COMMIT is always awaited.</param>
    /// <exception cref="AmbiguousCommitException">The outcome could not be found out.</exception>
    /// <exception cref="DbSessionAbortedException">A statement had failed and its exception was swallowed.</exception>
    public static async ValueTask RunAsync(
        StrategyServices services,
        NpgsqlTransaction transaction,
        DbContext context,
        bool isAsync,
        CancellationToken cancellationToken)
    {
        var attempt = StrategyAttempt.Of(context);
        var connection = transaction.Connection!;
        var mark = await MarkAsync(services, connection, context, isAsync, cancellationToken).ConfigureAwait(false);
        try
        {
            if (isAsync)
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            else
                transaction.Commit();
        }
        catch (Exception exception) when (mark is not null)
        {
            await ResolveAsync(services, mark.Value, context, exception, FailureClassifier.IsBroken(connection), isAsync)
                .ConfigureAwait(false);
        }

        if (mark is not null)
            attempt?.Committed();
    }

    /// <summary>Asks for what identifies the transaction; null when it wrote nothing.</summary>
    private static async ValueTask<TransactionMark?> MarkAsync(
        StrategyServices services, NpgsqlConnection connection, DbContext context, bool isAsync, CancellationToken cancellationToken)
    {
        var node = services.Node;
        var known = node.SystemIdentifier;
        var command = new NpgsqlCommand(WrittenMark.QueryFor(node), connection);
        try
        {
            if (!isAsync)
            {
                using var reader = command.ExecuteReader();
                return reader.Read() ? WrittenMark.Read(reader, node, known) : null;
            }

            var asyncReader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (asyncReader.ConfigureAwait(false))
            {
                return await asyncReader.ReadAsync(cancellationToken).ConfigureAwait(false)
                    ? WrittenMark.Read(asyncReader, node, known)
                    : null;
            }
        }
        catch (PostgresException exception) when (string.Equals(
            exception.SqlState, SqlStates.InFailedTransaction, StringComparison.Ordinal))
        {
            throw new DbSessionAbortedException("A statement of the transaction failed, its exception was swallowed and the transaction "
                + "cannot be committed. Let exceptions pass, or roll back to a savepoint.", exception);
        }
        catch (PostgresException exception) when (node.HiddenFunction is null && string.Equals(
            exception.SqlState, SqlStates.InsufficientPrivilege, StringComparison.Ordinal))
        {
            // The refusal has failed the transaction; the next one is marked by its id alone.
            node.HiddenFunction = TransactionMark.NameOfDenied(exception);
            SessionLog.Unverifiable(services.Session.Logger, node.Name, node.HiddenFunction);
            StrategyAttempt.Of(context)?.Failed(context, exception, FailureVerdict.RetryTransaction);
            throw;
        }
        finally
        {
            await command.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Returns when the transaction is committed after all.</summary>
    private static async ValueTask ResolveAsync(
        StrategyServices services, TransactionMark mark, DbContext context, Exception exception, bool isBroken, bool isAsync)
    {
        var attempt = StrategyAttempt.Of(context);
        var verdict = FailureClassifier.Judge(exception, SessionPhase.Commit, isBroken);
        if (verdict == FailureVerdict.Ambiguous)
        {
            var finding = SessionVerification.RunAsync(
                services.Session, services.Node, mark, exception, services.Session.Retry.CommitVerificationTimeout);
            var outcome = isAsync ? await finding.ConfigureAwait(false) : finding.AsTask().GetAwaiter().GetResult();
            if (outcome is CommitOutcome.Committed or CommitOutcome.CommittedLocally)
            {
                if (outcome == CommitOutcome.CommittedLocally)
                    SessionLog.CommittedLocally(services.Session.Logger, services.Node.Name, mark.TransactionId);
                if (attempt is not null)
                    attempt.Faults += Verdicts.FaultWeight(verdict);
                return;
            }

            if (outcome != CommitOutcome.Aborted)
                SessionVerification.Ambiguous(services.Node, mark, outcome, exception).Throw();

            verdict = FailureVerdict.RetryLostSession;
        }

        attempt?.Failed(context, exception, verdict);
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception);
    }
}
