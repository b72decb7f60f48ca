using System.Data.Common;
using System.Globalization;
using Data.Vector.Collections;

namespace Data.Vector.PgVector;

/// <summary>Searches a collection's table.</summary>
internal sealed class PgSearch(PgTable table, PgDatabase database)
{
    private const int FirstRange = 100, MaxEfSearch = 1_000;

    /// <summary>Finds the nearest records, ordered by distance, then id.</summary>
    /// <remarks>
    /// The index can return fewer than wanted: when the filter, or a policy, accepts few of the rows that its scan visits. Then every row
    /// that is accepted is compared.
    /// </remarks>
    public async ValueTask<List<VectorMatch>> NearestAsync(SearchPlan plan, CancellationToken cancellationToken)
    {
        if (table.IsIndexed && (!table.IsHalf || PgGuard.FitsHalf(plan.Vector.Span)))
        {
            var found = await RunAsync(plan, byIndex: true, cancellationToken).ConfigureAwait(false);
            if (found.Count >= plan.Top)
                return found;
        }

        return await RunAsync(plan, byIndex: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds at most <see cref="SearchPlan.Top"/> records within a distance.</summary>
    public async ValueTask<IReadOnlyList<VectorMatch>> WithinAsync(
        SearchPlan plan,
        float maxDistance,
        CancellationToken cancellationToken)
    {
        // The index knows no range search: the list of the nearest is made longer until it leaves the range.
        for (var top = table.IsIndexed ? Math.Min(plan.Top, FirstRange) : plan.Top; ; top = Math.Min(plan.Top, top * 4))
        {
            var matches = await NearestAsync(plan with { Top = top }, cancellationToken).ConfigureAwait(false);
            if (matches.Count < top || matches[^1].Distance > maxDistance || top == plan.Top)
                return [.. matches.TakeWhile(match => match.Distance <= maxDistance)];
        }
    }

    /// <summary>Returns the query for the nearest records.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="byIndex">Whether the index answers it; if not, every row is compared.</param>
    public PgStatement Statement(SearchPlan plan, bool byIndex)
    {
        var statement = new PgStatement();
        var vector = table.Vector(statement.Parameter(plan.Vector.ToArray()));
        var distance = table.Distance(vector);
        var filter = plan.Filter is null ? null : PgFilter.Translate(plan.Filter, statement);

        // Half precision misjudges the order at the end of the list: twice as many are compared exactly. The sum keeps the index away.
        var limit = byIndex && table.IsHalf ? plan.Top * 2L : plan.Top;
        var order = byIndex ? table.Rank(vector) : $"({distance}) + 0, id";
        statement.Text = $"SELECT {PgRows.Columns(plan.IncludeVectors, plan.IncludeDocuments)}, {distance} FROM {table.Quoted}"
            + $"{table.Where(filter)} ORDER BY {order} LIMIT {statement.Parameter(limit)}";
        if (byIndex)
        {
            var candidates = Math.Clamp(Math.Max(plan.EfSearch ?? table.Options.Hnsw.EfSearch, limit), 1, MaxEfSearch);
            statement.Set("hnsw.ef_search", candidates.ToString(CultureInfo.InvariantCulture));
            if (table.Extension.ScansIteratively)
                statement.Set("hnsw.iterative_scan", "relaxed_order");
        }

        return statement;
    }

    private async Task<List<VectorMatch>> RunAsync(SearchPlan plan, bool byIndex, CancellationToken cancellationToken)
    {
        var statement = Statement(plan, byIndex);
        var matches = await database.RunAsync(
            table,
            repeatable: true,
            session => session.QueryAsync(statement, row => Match(row, plan)),
            cancellationToken).ConfigureAwait(false);
        matches.Sort(MatchOrder.Compare);
        if (matches.Count > plan.Top)
            matches.RemoveRange(plan.Top, matches.Count - plan.Top);

        return matches;
    }

    private VectorMatch Match(DbDataReader row, SearchPlan plan)
    {
        var distance = PgRows.Distance(row);
        var similarity = Similarity.FromDistance(table.Options.Metric, distance);
        return new VectorMatch(PgRows.Record(row), distance, similarity, plan.IncludeDocuments, PgRows.Vector(row));
    }
}
