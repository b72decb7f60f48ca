using Data.Resilience.Commits;
using Data.Resilience.Transience;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>Servers, managed ones mostly, whose roles may not execute what a verification needs: writes go on without it.</summary>
internal static class UnverifiableMark
{
    /// <summary>Whether a prologue was denied that may have asked for too much.</summary>
    public static bool IsDenied(DbSession session, PostgresException exception) =>
        session.Kind == DbSessionKind.Write
        && session.Node.HiddenFunction is null
        && string.Equals(exception.SqlState, SqlStates.InsufficientPrivilege, StringComparison.Ordinal);

    /// <summary>Begins the transaction anew, before anything of the delegate has run, and notes no more than its id.</summary>
    public static async ValueTask BeginAgainAsync(
        DbSession session, SessionSettingCollection settings, PostgresException denied, ILogger logger, CancellationToken cancellationToken)
    {
        var level = session.Transaction!.IsolationLevel;
        await session.Transaction.DisposeAsync().ConfigureAwait(false);
        session.Attach(await session.Connection.BeginTransactionAsync(level, cancellationToken).ConfigureAwait(false));
        session.Node.HiddenFunction = TransactionMark.NameOfDenied(denied);
        try
        {
            await SessionPrologue.SendAsync(session, settings, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // It was something else in the prologue, or is not known yet.
            session.Node.HiddenFunction = null;
            throw;
        }

        SessionLog.Unverifiable(logger, session.Node.Name, session.Node.HiddenFunction);
    }
}
