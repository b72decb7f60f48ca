using Data.Resilience.Sessions;
using Npgsql;

namespace Data.Resilience.Inbox;

/// <summary>The messages that consumers have accepted, remembered in the transaction that holds their effects.</summary>
/// <remarks>Belongs to its session: not safe for concurrent use.</remarks>
public readonly struct SessionInbox
{
    /// <summary>Longest name of a consumer in characters.</summary>
    public const int MaxConsumerLength = 200;

    /// <summary>Longest message id in characters.</summary>
    public const int MaxMessageIdLength = 200;

    private readonly DbSession _session;
    private readonly InboxStatements _statements;

    internal SessionInbox(DbSession session, InboxStatements statements)
    {
        _session = session;
        _statements = statements;
    }

    /// <summary>Accepts a message, unless the consumer has accepted it before.</summary>
    /// <param name="consumer">Name of the part that has the effects; 1 to 200 characters. Each consumer accepts a message once.</param>
    /// <param name="messageId">Identity of the message, the same in every delivery; 1 to 200 characters. With tenants it is the current
    /// tenant's own.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True when the message is new and its effects are to be made in this session; false when a committed session has made
    /// them.</returns>
    /// <remarks>
    /// One round trip. Call it before the effects. The acceptance is part of the transaction: rolled back, the message is new again. A
    /// second delivery at the same time waits for the end of the first; at Repeatable Read and Serializable it then runs again.
    /// </remarks>
    /// <exception cref="ArgumentException">A value is empty, too long or holds a NUL character.</exception>
    /// <exception cref="InvalidOperationException">The session only reads, or the table does not exist.</exception>
    public Task<bool> TryAcceptAsync(string consumer, string messageId, CancellationToken cancellationToken = default)
    {
        Check(consumer, MaxConsumerLength, nameof(consumer));
        Check(messageId, MaxMessageIdLength, nameof(messageId));
        ObjectDisposedException.ThrowIf(_session.IsCompleted, _session);
        if (_session.Kind == DbSessionKind.Read)
            throw new InvalidOperationException("A read session accepts no messages. Open it with WriteAsync.");

        return InsertAsync(_session.Connection, _statements, consumer, messageId, cancellationToken);
    }

    private static async Task<bool> InsertAsync(
        NpgsqlConnection connection, InboxStatements statements, string consumer, string messageId, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(statements.Accept, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = consumer },
                new NpgsqlParameter<string> { TypedValue = messageId },
            },
        };
        await using var owned = command.ConfigureAwait(false);
        try
        {
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 1;
        }
        catch (PostgresException failure) when (InboxStatements.Explains(failure))
        {
            throw statements.Explain(failure);
        }
    }

    private static void Check(string value, int maxLength, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, parameter);
        if (value.Length > maxLength || value.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"The value must have 1 to {maxLength} characters, and no NUL character.", parameter);
    }
}
