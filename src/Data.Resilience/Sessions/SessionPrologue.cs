using System.Collections.Concurrent;
using System.Text;
using Data.Resilience.Commits;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Sessions;

/// <summary>
/// The first statement of a session with a transaction: marks a write's transaction and applies settings, in one round trip that also
/// carries BEGIN.
/// </summary>
internal static class SessionPrologue
{
    private static readonly ConcurrentDictionary<(string? Mark, int Settings), string> Texts = new();

    /// <summary>Sends the prologue of a session whose transaction has begun.</summary>
    public static async ValueTask SendAsync(DbSession session, SessionSettingList settings, CancellationToken cancellationToken)
    {
        var marks = session.Kind == DbSessionKind.Write;
        var known = session.Node.SystemIdentifier;
        var isVerifiable = session.Node.HiddenFunction is null;
        var mark = marks ? TransactionMark.ColumnsFor(isVerifiable, identifies: known is null) : null;
        var text = Texts.GetOrAdd((mark, settings.Count), static key => Compose(key.Mark, key.Settings));
        var command = new NpgsqlCommand(text, session.Connection);
        await using (command.ConfigureAwait(false))
        {
            for (var index = 0; index < settings.Count; index++)
            {
                command.Parameters.Add(new NpgsqlParameter<string>() { TypedValue = settings[index].Key });
                command.Parameters.Add(new NpgsqlParameter<string>() { TypedValue = settings[index].Value });
            }

            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (marks)
                    session.Mark = isVerifiable ? ReadMark(reader, session, known) : new() { TransactionId = reader.GetFieldValue<ulong>(0) };
            }
        }
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

    private static string Compose(string? mark, int settings)
    {
        var text = new StringBuilder("SELECT ").Append(mark);
        for (var index = 0; index < settings; index++)
        {
            text.Append(mark is not null || index > 0 ? ", " : "")
                .Append(System.Globalization.CultureInfo.InvariantCulture, $"set_config(${(2 * index) + 1}, ${(2 * index) + 2}, true)");
        }

        return text.ToString();
    }
}
