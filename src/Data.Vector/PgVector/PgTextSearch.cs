using System.Text;
using Data.Vector.Collections;

namespace Data.Vector.PgVector;

/// <summary>The text part of hybrid searches: PostgreSQL's full-text search.</summary>
/// <remarks>
/// A text matches when it has one of the words. <c>ts_rank</c> scores it by how often it has them; divided by one plus the logarithm of the
/// text's length, so that long texts are not ahead for their length. It does not weigh rare words more than common ones, as BM25 does:
/// PostgreSQL keeps no counts of words.
/// </remarks>
internal sealed class PgTextSearch(PgTable table, PgDatabase database)
{
    private const int ByLogarithmOfLength = 1;

    /// <summary>Finds the texts that fit the words best, the best first, equal scores in the order of their ids.</summary>
    public Task<List<TextMatch>> BestAsync(HybridPlan plan, CancellationToken cancellationToken)
    {
        var statement = Statement(plan);
        return database.RunAsync(
            table,
            repeatable: true,
            session => session.QueryAsync(statement, static row => new TextMatch(PgRows.Record(row), row.GetFloat(4))),
            cancellationToken);
    }

    /// <summary>Returns the query for the best texts.</summary>
    public PgStatement Statement(HybridPlan plan)
    {
        var statement = new PgStatement();

        // The words of the text, any of which is enough: plainto_tsquery joins them by And.
        var text = statement.Parameter(Sendable(plan.Text));
        var words = $"replace(plainto_tsquery({table.Configuration}, {text}::text)::text, ' & ', ' | ')::tsquery";
        var filter = plan.Filter is null ? null : PgFilter.Translate(plan.Filter, statement);
        statement.Text = $"SELECT {PgRows.Columns(plan.IncludeVectors, plan.IncludeDocuments)}, "
            + $"ts_rank({table.Words}, {words}, {ByLogarithmOfLength}) FROM {table.Quoted}"
            + $"{table.Where($"{table.Words} @@ {words}", filter)} ORDER BY 5 DESC, id LIMIT {statement.Parameter(plan.Candidates)}";
        return statement;
    }

    /// <summary>The text without what no record's text contains: U+0000 and halves of surrogate pairs.</summary>
    private static string Sendable(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', ' ');
}
