using System.Text.Json;
using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Npgsql;

namespace Data.Resilience.Outbox;

/// <summary>The messages that a session sends when, and only when, it commits.</summary>
/// <remarks>
/// Belongs to its session: not safe for concurrent use. Messages are kept in memory and written in the message that carries COMMIT, so they
/// cost no round trip. What was added in a savepoint that is rolled back, or in an attempt that fails, is never sent.
/// </remarks>
public sealed class SessionOutbox : ICommitStep
{
    private readonly DbSession _session;
    private readonly OutboxWriter _writer;
    private readonly List<OutboxRow> _rows = [];

    internal SessionOutbox(DbSession session, OutboxWriter writer)
    {
        _session = session;
        _writer = writer;
    }

    int ICommitStep.Count => _rows.Count;

    /// <summary>Adds a message.</summary>
    /// <param name="topic">Topic; 1 to 200 characters.</param>
    /// <param name="key">Messages with the same key (and tenant) are handed to the publisher in the order of their commits, whatever their
    /// topic; 1 to 512 characters, or null for no order.</param>
    /// <param name="payload">Content; copied. At most <see cref="OutboxOptions.MaxPayloadBytes"/>.</param>
    /// <param name="headers">Headers; null for none. At most 16 KiB as JSON.</param>
    /// <returns>The message's id.</returns>
    /// <remarks>
    /// No round trip. Sessions that commit messages of the same key at the same time wait for each other during COMMIT; keep a key as
    /// narrow as the order that is needed, for instance one order number.
    /// </remarks>
    /// <exception cref="ArgumentException">A value is empty, too long or not storable.</exception>
    /// <exception cref="InvalidOperationException">The session only reads.</exception>
    /// <exception cref="ObjectDisposedException">The delegate has returned.</exception>
    public Guid Add(string topic, string? key, ReadOnlyMemory<byte> payload, IReadOnlyDictionary<string, string>? headers = null)
    {
        ObjectDisposedException.ThrowIf(_session.IsCompleted, _session);
        if (_session.Kind == DbSessionKind.Read)
            throw new InvalidOperationException("A read session sends no messages: they are sent by a commit. Open it with WriteAsync.");

        MessageText.Check(topic, MessageText.MaxTopicLength, nameof(topic));
        if (key is not null)
            MessageText.Check(key, MessageText.MaxKeyLength, nameof(key));
        if (payload.Length > _writer.MaxPayloadBytes)
        {
            throw new ArgumentException(
                $"The payload has {payload.Length} bytes; OutboxOptions.MaxPayloadBytes allows {_writer.MaxPayloadBytes}. Store it "
                + "elsewhere and send a reference.",
                nameof(payload));
        }

        if (_rows.Count == 0)
            _session.OnCommitted(WakeAsync);

        var hash = key is null ? _writer.NextHash() : KeyHash.Of(TenantOf(_session), key);
        var row = new OutboxRow(_writer.NewId(), hash, topic, key, payload.ToArray(), MessageText.Headers(headers, nameof(headers)));
        _rows.Add(row);
        return row.MessageId;
    }

    /// <summary>Adds a message whose payload is a value as JSON in UTF-8.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <inheritdoc cref="Add" path="/param"/>
    /// <param name="topic">Topic; 1 to 200 characters.</param>
    /// <param name="key">As in <see cref="Add"/>.</param>
    /// <param name="value">The value; serialized at once, so later changes of it are not sent.</param>
    /// <param name="headers">Headers; null for none.</param>
    /// <param name="options">Options of the serializer; null means the web defaults.</param>
    /// <inheritdoc cref="Add" path="/returns"/>
    /// <inheritdoc cref="Add" path="/remarks"/>
    /// <inheritdoc cref="Add" path="/exception"/>
    public Guid AddJson<T>(
        string topic,
        string? key,
        T value,
        IReadOnlyDictionary<string, string>? headers = null,
        JsonSerializerOptions? options = null) =>
        Add(topic, key, JsonSerializer.SerializeToUtf8Bytes(value, options ?? JsonSerializerOptions.Web), headers);

    void ICommitStep.Truncate(int count) => _rows.RemoveRange(count, _rows.Count - count);

    void ICommitStep.AddTo(NpgsqlBatch batch) => _writer.AddTo(batch, _rows);

    bool ICommitStep.Explains(PostgresException failure) => _writer.Statements.Explains(failure);

    Exception ICommitStep.Explain(PostgresException failure) => _writer.Statements.Explain(failure);

    private ValueTask WakeAsync(DbCommit commit)
    {
        _writer.Committed(_session.Node);
        return ValueTask.CompletedTask;
    }

    /// <summary>Returns the tenant that the transaction runs for, which may differ from the one in whose scope the call is made.</summary>
    private static string? TenantOf(DbSession session)
    {
        var settings = session.Settings;
        for (var index = 0; index < settings.Count; index++)
        {
            if (string.Equals(settings[index].Key, TenantSetting.Name, StringComparison.Ordinal))
                return settings[index].Value;
        }

        return null;
    }
}
