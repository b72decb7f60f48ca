using System.Data.Common;

namespace Data.Vector.PgVector;

/// <summary>Finds the extension in the database, or creates it where the options say so.</summary>
internal sealed class PgExtensionSetup(bool create)
{
    public const string Name = "vector";

    /// <summary>Returns the extension; creates it in the session's transaction when the database does not have it.</summary>
    public async Task<PgExtension> RequireAsync(PgSession session)
    {
        var statement = new PgStatement
        {
            Text = $"""
                SELECT n.nspname, e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                WHERE e.extname = '{Name}'
                """,
        };
        for (var created = false; ; created = true)
        {
            var found = await session.QueryAsync(statement, static row => PgExtension.From(row.GetString(0), row.GetString(1)))
                .ConfigureAwait(false);
            if (found.Count > 0)
                return found[0];

            if (created || !create)
                throw Missing();

            try
            {
                await session.ExecuteAsync($"CREATE EXTENSION {Name}").ConfigureAwait(false);
            }
            catch (DbException exception) when (exception.SqlState is PgErrors.UndefinedFile or PgErrors.FeatureNotSupported)
            {
                throw NotOnServer(exception);
            }
            catch (DbException exception) when (exception.SqlState == PgErrors.InsufficientPrivilege)
            {
                throw Missing(exception);
            }
        }
    }

    /// <summary>Checks that the database has the extension, or that creating it can succeed.</summary>
    public async Task<bool> CheckAsync(PgSession session)
    {
        var statement = new PgStatement
        {
            Text = $"SELECT installed_version, default_version FROM pg_available_extensions WHERE name = '{Name}'",
        };
        var found = await session.QueryAsync(statement, static row => (Installed: Text(row, 0), Offered: Text(row, 1)))
            .ConfigureAwait(false);
        if (found is not [var (installed, offered)])
            throw NotOnServer(exception: null);

        var version = installed ?? (create ? offered : null) ?? throw Missing();
        PgExtension.From("", version);
        return true;

        static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
    }

    public static VectorStoreProtocolException Missing(DbException? exception = null) => new(
        "The database does not have the extension vector, and the store did not create it: CreateExtension is false, or the login lacks "
        + "the right to. Run CREATE EXTENSION vector as the owner of the database.",
        exception?.SqlState,
        exception);

    private static VectorStoreProtocolException NotOnServer(DbException? exception) => new(
        $"{PgErrors.Server} does not have the extension vector; install pgvector {PgExtension.Oldest} or later on the server.",
        exception?.SqlState,
        exception);
}
