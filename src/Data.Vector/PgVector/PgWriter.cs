namespace Data.Vector.PgVector;

/// <summary>The writes to a collection's table. A call is one transaction: all of it is written, or nothing.</summary>
/// <remarks>Rows are written and locked in the order of their ids, so that two calls wait for one another instead of deadlocking.</remarks>
internal sealed class PgWriter(PgTable table, PgDatabase database)
{
    private const int BatchRows = 1_000, BatchNumbers = 1_000_000, AddAttempts = 3;

    private readonly int _batch = Math.Clamp(BatchNumbers / table.Options.Dimensions, 1, BatchRows);

    public async Task AddAsync(VectorRecord[] records, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await InsertAsync(records, "", cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (VectorStoreProtocolException exception) when (exception.Error == PgErrors.UniqueViolation)
            {
                string[] ids = [.. records.Select(static record => record.Id)];
                var existing = await ExistingAsync(ids, cancellationToken).ConfigureAwait(false);
                if (existing.Count > 0)
                    throw new VectorRecordExistsException(table.Collection, [.. ids.Where(existing.Contains)]);

                // Deleted in between; or a policy of the application's own hides the record, and then it stays.
                if (attempt == AddAttempts)
                {
                    throw new VectorRecordExistsException(
                        $"Collection '{table.Collection}' holds an id already, in a row that a policy of row-level security hides.",
                        exception);
                }
            }
        }
    }

    public Task UpsertAsync(VectorRecord[] records, CancellationToken cancellationToken) => InsertAsync(
        records,
        $" ON CONFLICT ({table.Key}) DO UPDATE "
            + "SET embedding = EXCLUDED.embedding, document = EXCLUDED.document, metadata = EXCLUDED.metadata",
        cancellationToken);

    public async Task UpdateAsync(VectorRecordUpdate[] updates, CancellationToken cancellationToken)
    {
        for (var i = 0; i < updates.Length; i++)
        {
            PgText.Check(updates[i].Id, updates[i].Document, updates[i].Metadata, i);
            PgGuard.Vector(table, updates[i].Vector.Span, updates[i].Id, i);
        }

        string[] ids = [.. updates.Select(static update => update.Id)];
        var batches = updates.OrderBy(static update => update.Id, StringComparer.Ordinal).Chunk(_batch).Select(Update).ToList();
        await database.RunAsync(
            table,
            repeatable: false,
            async session =>
            {
                var transaction = await session.BeginAsync().ConfigureAwait(false);
                await using var _ = transaction.ConfigureAwait(false);
                var held = (await session.QueryAsync(Select(ids, " FOR UPDATE"), static row => row.GetString(0)).ConfigureAwait(false))
                    .ToHashSet(StringComparer.Ordinal);
                if (held.Count < ids.Length)
                    throw new VectorRecordNotFoundException(table.Collection, [.. ids.Where(id => !held.Contains(id))]);

                foreach (var batch in batches)
                    await session.ExecuteAsync(batch).ConfigureAwait(false);

                await session.CommitAsync(transaction).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public Task<int> DeleteAsync(string[] ids, CancellationToken cancellationToken)
    {
        var statement = new PgStatement();
        string[] possible = [.. ids.Where(static id => !PgText.HoldsNull(id))];
        return DeleteAsync(statement, $"id = ANY({statement.Parameter(possible)}::text[])", cancellationToken);
    }

    public Task<int> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken)
    {
        var statement = new PgStatement();
        return DeleteAsync(statement, PgFilter.Translate(filter, statement), cancellationToken);
    }

    private Task<int> DeleteAsync(PgStatement statement, string condition, CancellationToken cancellationToken)
    {
        statement.Text = $"WITH doomed AS MATERIALIZED (SELECT id FROM {table.Quoted}{table.Where(condition)} ORDER BY id FOR UPDATE) "
            + $"DELETE FROM {table.Quoted}{table.Where("id IN (SELECT id FROM doomed)")}";
        return database.RunAsync(table, repeatable: false, session => session.ExecuteAsync(statement), cancellationToken);
    }

    private async Task InsertAsync(VectorRecord[] records, string onConflict, CancellationToken cancellationToken)
    {
        for (var i = 0; i < records.Length; i++)
        {
            PgText.Check(records[i].Id, records[i].Document, records[i].Metadata, i);
            PgGuard.Vector(table, records[i].Vector.Span, records[i].Id, i);
        }

        var batches = records.OrderBy(static record => record.Id, StringComparer.Ordinal).Chunk(_batch)
            .Select(batch => Insert(batch, onConflict)).ToList();
        await database.RunAsync(
            table,
            repeatable: false,
            async session =>
            {
                // One statement is a transaction already, and takes one round trip less.
                if (batches is [var only])
                    return await session.ExecuteAsync(only).ConfigureAwait(false);

                var transaction = await session.BeginAsync().ConfigureAwait(false);
                await using var _ = transaction.ConfigureAwait(false);
                foreach (var batch in batches)
                    await session.ExecuteAsync(batch).ConfigureAwait(false);

                await session.CommitAsync(transaction).ConfigureAwait(false);
                return records.Length;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The vectors travel as one array, which the statement cuts: their numbers need not be written as text.</summary>
    private PgStatement Insert(VectorRecord[] records, string onConflict)
    {
        var statement = new PgStatement();
        var vectors = statement.Parameter(Numbers(records.Select(static record => record.Vector)));
        var ids = statement.Parameter(Array.ConvertAll(records, static record => record.Id));
        var documents = statement.Parameter(Array.ConvertAll(records, static record => record.Document));
        var metadata = statement.Parameter(Array.ConvertAll(records, static record => PgMetadata.Encode(record.Metadata!)));
        statement.Text = $"INSERT INTO {table.Quoted} (id, embedding, document, metadata) "
            + $"SELECT r.id, {Cut(vectors, "r.place::integer")}, r.document, r.metadata::jsonb "
            + $"FROM unnest({ids}::text[], {documents}::text[], {metadata}::text[]) "
            + $"WITH ORDINALITY AS r (id, document, metadata, place){onConflict}";
        return statement;
    }

    private PgStatement Update(VectorRecordUpdate[] updates)
    {
        var statement = new PgStatement();
        var vectors = statement.Parameter(Numbers(updates.Select(static update => update.Vector)));
        var ids = statement.Parameter(Array.ConvertAll(updates, static update => update.Id));
        var count = 0;
        var places = statement.Parameter(Array.ConvertAll(updates, update => update.Vector.IsEmpty ? 0 : ++count));
        var documents = statement.Parameter(Array.ConvertAll(updates, static update => update.Document));
        var metadata = statement.Parameter(
            Array.ConvertAll(updates, static update => update.Metadata is null ? null : PgMetadata.Encode(update.Metadata)));
        statement.Text = $"UPDATE {table.Quoted} AS t SET "
            + $"embedding = CASE WHEN r.place = 0 THEN t.embedding ELSE {Cut(vectors, "r.place")} END, "
            + "document = COALESCE(r.document, t.document), metadata = COALESCE(r.metadata::jsonb, t.metadata) "
            + $"FROM unnest({ids}::text[], {places}::integer[], {documents}::text[], {metadata}::text[]) "
            + $"AS r (id, place, document, metadata){table.Where("t.id = r.id")}";
        return statement;
    }

    private async Task<HashSet<string>> ExistingAsync(string[] ids, CancellationToken cancellationToken)
    {
        var found = await database.RunAsync(
            table,
            repeatable: true,
            session => session.QueryAsync(Select(ids, ""), static row => row.GetString(0)),
            cancellationToken).ConfigureAwait(false);
        return found.ToHashSet(StringComparer.Ordinal);
    }

    private PgStatement Select(string[] ids, string locks)
    {
        var statement = new PgStatement();
        statement.Text = $"SELECT id FROM {table.Quoted}{table.Where($"id = ANY({statement.Parameter(ids)}::text[])")} ORDER BY id{locks}";
        return statement;
    }

    private string Cut(string vectors, string place) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{table.Vector($"({vectors}::real[])[({place} - 1) * {table.Options.Dimensions} + 1 : {place} * {table.Options.Dimensions}]")}");

    private static float[] Numbers(IEnumerable<ReadOnlyMemory<float>> vectors)
    {
        var all = vectors.ToList();
        var numbers = new float[all.Sum(static vector => vector.Length)];
        var next = 0;
        foreach (var vector in all)
        {
            vector.Span.CopyTo(numbers.AsSpan(next));
            next += vector.Length;
        }

        return numbers;
    }
}
