using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Idempotency;

/// <summary>The use of an idempotency key by one attempt.</summary>
internal sealed class IdempotencyClaim(IdempotencyKeys keys, string tenant, string key, string? fingerprint)
{
    private NpgsqlTid _place;
    private string? _storedFingerprint;
    private byte[]? _result;

    /// <summary>Whether the key was recorded or found, so that it is known whether any earlier transaction with it is committed.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Whether an earlier transaction with the key is committed: the work must not run.</summary>
    public bool IsRepeated { get; private set; }

    /// <summary>The earlier transaction, when there is one.</summary>
    public ulong TransactionId { get; private set; }

    /// <summary>The statement that records the key; the columns to return follow it.</summary>
    public string Statement => keys.Table.Claim;

    /// <summary>Adds the parameters $1 to $3 of <see cref="Statement"/>.</summary>
    public void AddParameters(NpgsqlParameterCollection parameters)
    {
        AddKey(parameters);
        parameters.Add(new NpgsqlParameter { Value = (object?)fingerprint ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
    }

    /// <summary>Notes that the key was recorded.</summary>
    /// <param name="reader">Stands on the row that the statement returned, whose last column is the claim's.</param>
    public void OnRecorded(NpgsqlDataReader reader)
    {
        _place = reader.GetFieldValue<NpgsqlTid>(reader.FieldCount - 1);
        IsSettled = true;
    }

    /// <summary>Reads what an earlier transaction stored with the key.</summary>
    /// <returns>False when the key is not there any more, because it was removed for its age.</returns>
    public async ValueTask<bool> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(keys.Table.Find, connection);
        await using var ownedCommand = command.ConfigureAwait(false);
        AddKey(command.Parameters);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ownedReader = reader.ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            return false;

        TransactionId = reader.GetFieldValue<ulong>(0);
        _storedFingerprint = await reader.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(1);
        _result = await reader.IsDBNullAsync(2, cancellationToken).ConfigureAwait(false) ? null : reader.GetFieldValue<byte[]>(2);
        return IsSettled = IsRepeated = true;
    }

    /// <summary>Returns the result of the earlier transaction.</summary>
    /// <exception cref="IdempotencyConflictException">It was another request's.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "A serializer may throw anything; the cause is kept.")]
    public TResult GetResult<TResult>()
    {
        if (!string.Equals(fingerprint, _storedFingerprint, StringComparison.Ordinal))
            throw new IdempotencyConflictException();
        if (_result is null)
        {
            throw new InvalidOperationException("The work of this idempotency key is committed, but without a result, because its delegate "
                + "ended the session's transaction itself.");
        }

        try
        {
            return keys.Serializer.Deserialize<TResult>(_result);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException("The work of this idempotency key is committed, but its stored result cannot be read as "
                + $"{typeof(TResult)}.", exception);
        }
    }

    /// <summary>Serializes the result that is to be stored with the commit, and proves that it can be read back.</summary>
    /// <exception cref="InvalidOperationException">It is larger than allowed, or does not come back.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "A serializer may throw anything; the cause is kept.")]
    public void SetResult<TResult>(TResult result)
    {
        _result = keys.Serializer.Serialize(result);
        if (_result.Length > keys.MaxResultSize)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"The result has {_result.Length} bytes when it is stored with its idempotency key; MaxResultSize allows "
                + $"{keys.MaxResultSize}. Nothing was committed. Return less, such as the key of what was made, or raise MaxResultSize."));
        }

        try
        {
            keys.Serializer.Verify<TResult>(_result);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"A result of type {typeof(TResult)} cannot be given to a call that repeats its idempotency key: "
                + $"{exception.Message.TrimEnd('.')}. Nothing was committed. Return a type that the serializer can restore, such as a "
                + "record of plain values or the key of what was made, or register an IIdempotencySerializer.",
                exception);
        }
    }

    /// <summary>Makes the statement that stores the result; it returns the id of the transaction that recorded the key.</summary>
    public NpgsqlBatchCommand CreateCompletion()
    {
        var command = new NpgsqlBatchCommand(keys.Table.Complete);
        command.Parameters.Add(new NpgsqlParameter<byte[]>() { TypedValue = _result });
        command.Parameters.Add(new NpgsqlParameter<NpgsqlTid>() { TypedValue = _place, NpgsqlDbType = NpgsqlDbType.Tid });
        return command;
    }

    private void AddKey(NpgsqlParameterCollection parameters)
    {
        parameters.Add(new NpgsqlParameter<string>() { TypedValue = tenant });
        parameters.Add(new NpgsqlParameter<string>() { TypedValue = key });
    }
}
