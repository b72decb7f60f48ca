using System.Runtime.CompilerServices;

namespace Data.Vector.PgVector;

/// <summary>Reads the records of a collection's table by id and by filter.</summary>
internal sealed class PgReader(PgTable table, PgDatabase database)
{
    private const int PageRows = 1_000, PageNumbers = 1_000_000;

    private readonly int _page = Math.Clamp(PageNumbers / table.Options.Dimensions, 1, PageRows);

    public async Task<IReadOnlyList<VectorRecord>> GetAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        CancellationToken cancellationToken)
    {
        string[] distinct = [.. ids.Where(static id => !PgText.HoldsNull(id)).Distinct(StringComparer.Ordinal)];
        var statement = new PgStatement();
        statement.Text = $"SELECT {PgRows.Columns(includeVectors, includeDocuments: true)} FROM {table.Quoted}"
            + table.Where($"id = ANY({statement.Parameter(distinct)}::text[])");
        var records = await database.RunAsync(
            table,
            repeatable: true,
            session => session.QueryAsync(statement, PgRows.Record),
            cancellationToken).ConfigureAwait(false);
        var found = records.ToDictionary(static record => record.Id, StringComparer.Ordinal);
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    public async Task<long> CountAsync(VectorFilter? filter, CancellationToken cancellationToken)
    {
        var statement = new PgStatement();
        statement.Text = $"SELECT count(*) FROM {table.Quoted}"
            + table.Where(filter is null ? null : PgFilter.Translate(filter, statement));
        var counts = await database.RunAsync(
            table,
            repeatable: true,
            session => session.QueryAsync(statement, static row => row.GetInt64(0)),
            cancellationToken).ConfigureAwait(false);
        return counts[0];
    }

    /// <summary>
    /// Streams records in pages by id, each a query of its own, so that no transaction stays open for the length of the stream.
    /// </summary>
    public async IAsyncEnumerable<VectorRecord> StreamAsync(
        VectorStreamOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        while (true)
        {
            var statement = new PgStatement();
            var after = last is null ? null : $"id > {statement.Parameter(last)}::text";
            var filter = options.Filter is null ? null : PgFilter.Translate(options.Filter, statement);
            statement.Text = $"SELECT {PgRows.Columns(options.IncludeVectors, options.IncludeDocuments)} FROM {table.Quoted}"
                + $"{table.Where(after, filter)} ORDER BY id LIMIT {statement.Parameter(_page)}";
            var page = await database.RunAsync(
                table,
                repeatable: true,
                session => session.QueryAsync(statement, PgRows.Record),
                cancellationToken).ConfigureAwait(false);
            foreach (var record in page)
                yield return record;

            if (page.Count < _page)
                yield break;

            last = page[^1].Id;
        }
    }
}
