using ConfigurationService.Encryption;
using ConfigurationService.Persistence;
using Npgsql;

namespace ConfigurationService.Embedded;

/// <summary>
/// The logins of the private server. The service never works as its superuser: row-level security and the refusals of the audit tables
/// bind the owner too, as they do in a database that someone else administers.
/// </summary>
internal static class EmbeddedLogins
{
    private const string OwnerName = "configuration_owner";

    // What 0.1.0 made belongs to the superuser. REASSIGN OWNED refuses that one; indexes, sequences and triggers follow their tables.
    private const string HandOver =
        """
        DO $$
        DECLARE
            statement text;
        BEGIN
            FOR statement IN
                SELECT format('ALTER DATABASE %I OWNER TO {0}', d.datname) FROM pg_database d
                WHERE d.datname = current_database() AND d.datdba <> '{0}'::regrole
                UNION ALL
                SELECT format('ALTER TABLE %s OWNER TO {0}', c.oid::regclass) FROM pg_class c
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relowner <> '{0}'::regrole
                UNION ALL
                SELECT format('ALTER FUNCTION %s OWNER TO {0}', p.oid::regprocedure) FROM pg_proc p
                WHERE p.pronamespace = 'public'::regnamespace AND p.proowner <> '{0}'::regrole
            LOOP
                EXECUTE statement;
            END LOOP;
        END
        $$
        """;

    /// <summary>Makes both logins, gives the owner everything, and returns the owner's connection string.</summary>
    public static async Task<string> PrepareAsync(string superuser, KeyEncryptionKey kek, CancellationToken cancellationToken)
    {
        var password = LoginRole.PasswordFrom(kek.Derive, "owner role");
        var owner = new NpgsqlConnectionStringBuilder(superuser) { Username = OwnerName, Password = password.Password }.ConnectionString;
        var applicationPassword = LoginRole.PasswordFrom(kek.Derive, "application role");
        var application = DatabaseConnections.Of(owner, application: null, listen: null, applicationPassword).Application;

        await using var connection = new NpgsqlConnection(superuser + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await LoginRole.EnsureAsync(connection, owner, password, cancellationToken);
        await LoginRole.EnsureAsync(connection, application, applicationPassword, cancellationToken);
        await using var command = new NpgsqlCommand(HandOver.Replace("{0}", OwnerName, StringComparison.Ordinal), connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return owner;
    }
}
