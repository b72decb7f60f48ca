using Data.Vector.Filters;

namespace Data.Vector.PgVector;

/// <summary>
/// Filters by whole words, which mean those of <see cref="UnicodeTextAnalyzer"/>: PostgreSQL takes texts apart differently.
/// </summary>
/// <remarks>The records that the rest of the filter leaves are read, and the ids of those that it accepts take its place.</remarks>
internal sealed class PgWordFilter(PgReader reader)
{
    /// <summary>Returns a filter that PostgreSQL can evaluate.</summary>
    public async ValueTask<VectorFilter?> ResolveAsync(VectorFilter? filter, CancellationToken cancellationToken)
    {
        if (filter is null || !HasWords(filter))
            return filter;

        var ids = new List<string>();
        var candidates = new VectorStreamOptions { Filter = WithoutWords(filter), IncludeVectors = false };
        await foreach (var record in reader.StreamAsync(candidates, cancellationToken).ConfigureAwait(false))
        {
            if (record.Matches(filter))
                ids.Add(record.Id);
        }

        return new PgIdFilter([.. ids]);
    }

    private static bool HasWords(VectorFilter filter) => filter switch
    {
        WordFilter => true,
        NotFilter not => HasWords(not.Inner),
        AndFilter and => Array.Exists(and.Filters, HasWords),
        OrFilter or => Array.Exists(or.Filters, HasWords),
        _ => false,
    };

    /// <summary>Returns the conditions that hold whatever the words are; null when there is none.</summary>
    private static VectorFilter? WithoutWords(VectorFilter filter)
    {
        VectorFilter[] others = [.. Conditions(filter).Where(static condition => !HasWords(condition))];
        return others.Length == 0 ? null : VectorFilter.And(others);
    }

    private static IEnumerable<VectorFilter> Conditions(VectorFilter filter) =>
        filter is AndFilter and ? and.Filters.SelectMany(Conditions) : [filter];
}
