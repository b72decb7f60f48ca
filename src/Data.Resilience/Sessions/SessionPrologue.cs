using System.Collections.Concurrent;
using System.Globalization;
using Data.Resilience.Commits;
using Data.Resilience.Idempotency;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Sessions;

/// <summary>
/// The first statement of a session with a transaction: marks a write's transaction, records its idempotency key and applies settings, in
/// one round trip that also carries BEGIN. It makes a read's transaction READ ONLY.
/// </summary>
internal static class SessionPrologue
{
    private const int MaxRounds = 3;

    private static readonly ConcurrentDictionary<(string? Mark, int Settings, string? Claim), string> Texts = new();

    /// <summary>Sends the prologue of a session whose transaction has begun.</summary>
    public static async ValueTask SendAsync(DbSession session, SessionSettingCollection settings, CancellationToken cancellationToken)
    {
        if (session.Claim is not { } claim)
        {
            await RunAsync(session, settings, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            for (var round = 1; !await RunAsync(session, settings, cancellationToken).ConfigureAwait(false); round++)
            {
                // The key is there. It may have been removed for its age since.
                if (await claim.FindAsync(session.Connection, cancellationToken).ConfigureAwait(false))
                    return;
                if (round == MaxRounds)
                {
                    throw new InvalidOperationException("An idempotency key is in its table and cannot be read. Row-level security must "
                        + "not be enabled on that table.");
                }
            }
        }
        catch (PostgresException exception) when (
            exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            throw new InvalidOperationException("The table of idempotency keys is missing or has another form. Create it in a migration by "
                + "migrationBuilder.CreateIdempotencyKeys(), with the table and schema of IdempotencyOptions.", exception);
        }
    }

    /// <summary>Sends the statement.</summary>
    /// <returns>False when it is a claim of a key that is there already.</returns>
    private static async ValueTask<bool> RunAsync(
        DbSession session,
        SessionSettingCollection settings,
        CancellationToken cancellationToken)
    {
        var marks = session.Kind == DbSessionKind.Write;
        var known = session.Node.SystemIdentifier;
        var isVerifiable = session.Node.HiddenFunction is null;
        var mark = marks ? TransactionMark.ColumnsFor(isVerifiable, identifies: known is null) : null;
        var text = Texts.GetOrAdd(
            (mark, settings.Count + (session.SendsLimit ? 1 : 0), session.Claim?.Statement),
            static key => Compose(key.Mark, key.Settings, key.Claim));
        var command = new NpgsqlCommand(text, session.Connection);
        await using (command.ConfigureAwait(false))
        {
            if (session.CommandTimeout > 0)
                command.CommandTimeout = session.CommandTimeout;
            session.Claim?.AddParameters(command.Parameters);
            for (var index = 0; index < settings.Count; index++)
                AddSetting(command, settings[index].Key, settings[index].Value);
            if (session.ServerLimit is { } limit)
                AddSetting(command, "statement_timeout", ((long)limit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));

            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    return false;
                if (marks)
                {
                    session.Mark = isVerifiable
                        ? ReadMark(reader, session, known)
                        : new() { TransactionId = reader.GetFieldValue<ulong>(0) };
                }

                session.Claim?.OnRecorded(reader);
                return true;
            }
        }
    }

    private static void AddSetting(NpgsqlCommand command, string name, string value)
    {
        command.Parameters.Add(new NpgsqlParameter<string>() { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string>() { TypedValue = value });
    }

    private static TransactionMark ReadMark(NpgsqlDataReader reader, DbSession session, string? systemIdentifier)
    {
        if (systemIdentifier is null)
            session.Node.SystemIdentifier = systemIdentifier = reader.GetString(TransactionMark.FirstColumns);

        return new TransactionMark(
            reader.GetFieldValue<ulong>(0),
            systemIdentifier,
            TransactionMark.TimelineOf(reader.GetString(1)),
            reader.GetFieldValue<NpgsqlLogSequenceNumber>(2),
            reader.GetDateTime(3));
    }

    /// <summary>The columns are a SELECT's, or what the claim of a key returns: one statement either way.</summary>
    private static string Compose(string? mark, int settings, string? claim)
    {
        List<string> columns = [mark ?? "set_config('transaction_read_only', 'on', true)"];
        var parameter = claim is null ? 0 : IdempotencyTable.ClaimParameters;
        for (var index = 0; index < settings; index++, parameter += 2)
            columns.Add(string.Create(CultureInfo.InvariantCulture, $"set_config(${parameter + 1}, ${parameter + 2}, true)"));
        if (claim is not null)
            columns.Add(IdempotencyTable.ClaimColumns);

        return (claim ?? "SELECT ") + string.Join(", ", columns);
    }
}
