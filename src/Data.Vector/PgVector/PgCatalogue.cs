using System.Data.Common;
using System.Globalization;
using Data.Vector.Collections;

namespace Data.Vector.PgVector;

/// <summary>The collections of a schema: a table that lists them, and the tables that hold them.</summary>
internal sealed class PgCatalogue(PgDatabase database, PgVectorStoreOptions options)
{
    // No collection has this name: theirs begin with a letter or a digit.
    private const string ListName = "_collections";

    private readonly PgExtensionSetup _extension = new(options.CreateExtension);
    private readonly string _schema = PgName.Quoted(options.Schema);
    private readonly string _list = $"{PgName.Quoted(options.Schema)}.{PgName.Quoted(ListName)}";

    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken)
    {
        var statement = new PgStatement { Text = $"SELECT name FROM {_list} ORDER BY name" };
        try
        {
            return await database.RunAsync(
                ListName,
                repeatable: true,
                session => session.QueryAsync(statement, static row => row.GetString(0)),
                cancellationToken).ConfigureAwait(false);
        }
        catch (VectorCollectionNotFoundException)
        {
            // Not even the list exists: nothing has been created yet.
            return [];
        }
    }

    /// <summary>Finds a collection's table; null when there is none.</summary>
    public async Task<PgTable?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var statement = new PgStatement();
        statement.Text = $"""
            SELECT c.table_name, c.dimensions, c.metric, c.index_kind, c.m, c.ef_construction, c.ef_search, c.tenant_setting,
              n.nspname, e.extversion, c.text_index, c.text_configuration
            FROM {_list} c
            LEFT JOIN pg_extension e ON e.extname = '{PgExtensionSetup.Name}' LEFT JOIN pg_namespace n ON n.oid = e.extnamespace
            WHERE c.name = {statement.Parameter(name)}
            """;
        try
        {
            return await database.RunAsync(
                name,
                repeatable: true,
                async session =>
                {
                    var found = await session.QueryAsync(statement, row => Read(name, row)).ConfigureAwait(false);
                    return found.Count == 0 ? null : found[0];
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (VectorCollectionNotFoundException)
        {
            // There is no list yet.
            return null;
        }
    }

    /// <summary>Creates a collection's table with all that it needs, or nothing.</summary>
    public async Task<PgTable> CreateAsync(string name, VectorCollectionOptions shape, CancellationToken cancellationToken)
    {
        PgGuard.Options(shape);
        var isPrepared = await ExistsAsync(cancellationToken).ConfigureAwait(false);
        return await database.RunAsync(
            collection: null,
            repeatable: false,
            async session =>
            {
                var transaction = await session.BeginAsync().ConfigureAwait(false);
                await using var _ = transaction.ConfigureAwait(false);

                // Creators follow one another: IF NOT EXISTS fails when two create the same schema or extension at once.
                await session.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended('data.vector.create', 0))").ConfigureAwait(false);
                var extension = await _extension.RequireAsync(session).ConfigureAwait(false);
                if (!isPrepared)
                    await PrepareAsync(session).ConfigureAwait(false);

                var table = new PgTable(name, options.Schema, PgGuard.TableName(name), shape, extension)
                {
                    TenantSetting = options.TenantSetting,
                    TextConfiguration = options.TextConfiguration,
                };
                if (await session.ExecuteAsync(Insert(table)).ConfigureAwait(false) == 0)
                    throw new VectorCollectionExistsException($"Collection '{name}' exists already.");

                foreach (var statement in PgTableDefinition.Statements(table, options.Schema, options.Partitions))
                    await session.ExecuteAsync(statement).ConfigureAwait(false);

                await session.CommitAsync(transaction).ConfigureAwait(false);
                return table;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes a collection's table; returns false when there is none.</summary>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var statement = new PgStatement();
        statement.Text = $"DELETE FROM {_list} WHERE name = {statement.Parameter(name)} RETURNING table_name";
        try
        {
            return await database.RunAsync(
                name,
                repeatable: false,
                async session =>
                {
                    var transaction = await session.BeginAsync().ConfigureAwait(false);
                    await using var _ = transaction.ConfigureAwait(false);
                    var tables = await session.QueryAsync(statement, static row => row.GetString(0)).ConfigureAwait(false);
                    foreach (var table in tables)
                        await session.ExecuteAsync($"DROP TABLE IF EXISTS {_schema}.{PgName.Quoted(table)}").ConfigureAwait(false);

                    await session.CommitAsync(transaction).ConfigureAwait(false);
                    return tables.Count > 0;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (VectorCollectionNotFoundException)
        {
            // There is no list yet.
            return false;
        }
    }

    /// <summary>Checks that the database answers, has the extension or can get it, and lets the login read the list.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await database.RunAsync(collection: null, repeatable: true, _extension.CheckAsync, cancellationToken).ConfigureAwait(false);
        await NamesAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        var statement = new PgStatement();
        statement.Text = $"SELECT to_regclass({statement.Parameter(_list)}) IS NOT NULL";
        var answer = await database.RunAsync(
            collection: null,
            repeatable: true,
            session => session.QueryAsync(statement, static row => row.GetBoolean(0)),
            cancellationToken).ConfigureAwait(false);
        return answer[0];
    }

    private async Task PrepareAsync(PgSession session)
    {
        var statement = new PgStatement();
        statement.Text = $"SELECT to_regnamespace({statement.Parameter(_schema)}) IS NOT NULL";
        if (!(await session.QueryAsync(statement, static row => row.GetBoolean(0)).ConfigureAwait(false))[0])
        {
            if (!options.CreateSchema)
            {
                throw new VectorStoreProtocolException(
                    $"The schema {_schema} does not exist and CreateSchema is false; create it, or set CreateSchema.");
            }

            await session.ExecuteAsync($"CREATE SCHEMA {_schema}").ConfigureAwait(false);
        }

        await session.ExecuteAsync($"""
            CREATE TABLE IF NOT EXISTS {_list} (
              name text COLLATE "C" PRIMARY KEY,
              table_name text NOT NULL UNIQUE,
              dimensions integer NOT NULL,
              metric text NOT NULL,
              index_kind text NOT NULL,
              m integer NOT NULL,
              ef_construction integer NOT NULL,
              ef_search integer NOT NULL,
              text_index text NOT NULL,
              text_configuration text NOT NULL,
              tenant_setting text)
            """).ConfigureAwait(false);
    }

    private PgStatement Insert(PgTable table)
    {
        var (shape, statement) = (table.Options, new PgStatement());
        object[] values =
        [
            table.Collection, table.Table, shape.Dimensions, shape.Metric.ToString(), shape.Index.ToString(), shape.Hnsw.M,
            shape.Hnsw.EfConstruction, shape.Hnsw.EfSearch, shape.TextIndex.ToString(), table.TextConfiguration,
        ];
        var tenant = table.TenantSetting is null ? "NULL" : statement.Parameter(table.TenantSetting);
        statement.Text = $"""
            INSERT INTO {_list} (
              tenant_setting, name, table_name, dimensions, metric, index_kind, m, ef_construction, ef_search, text_index,
              text_configuration)
            VALUES ({tenant}, {string.Join(", ", values.Select(statement.Parameter))})
            ON CONFLICT (name) DO NOTHING
            """;
        return statement;
    }

    private PgTable Read(string name, DbDataReader row)
    {
        var shape = new VectorCollectionOptions
        {
            Dimensions = row.GetInt32(1),
            Metric = Enum.Parse<DistanceMetric>(row.GetString(2)),
            Index = Enum.Parse<VectorIndexKind>(row.GetString(3)),
            Hnsw = new() { M = row.GetInt32(4), EfConstruction = row.GetInt32(5), EfSearch = row.GetInt32(6) },
            TextIndex = Enum.Parse<VectorTextIndex>(row.GetString(10)),
        };
        var tenant = row.IsDBNull(7) ? null : row.GetString(7);
        if (tenant != options.TenantSetting)
        {
            throw new VectorCollectionMismatchException(string.Create(
                CultureInfo.InvariantCulture,
                $"Collection '{name}' was created with the TenantSetting '{tenant}'; the store's is '{options.TenantSetting}'."));
        }

        return row.IsDBNull(8)
            ? throw PgExtensionSetup.Missing()
            : new PgTable(name, options.Schema, row.GetString(0), shape, PgExtension.From(row.GetString(8), row.GetString(9)))
            {
                TenantSetting = tenant,
                TextConfiguration = row.GetString(11),
            };
    }
}
