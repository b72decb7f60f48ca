using System.Runtime.InteropServices;
using Data.Vector.Filters;
using Data.Vector.Remote;

namespace Data.Vector.Chroma;

/// <summary>A filter as Chroma can carry it out.</summary>
/// <param name="Where">The condition on metadata; null for none.</param>
/// <param name="Document">The condition on texts; null for none.</param>
/// <param name="IsExact">Whether the two conditions together mean the filter; if not, they accept more than it, and the rest is done in
/// process.</param>
/// <param name="IsNever">Whether the filter accepts nothing, so that the server need not be asked.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ChromaFilter(WhereClause? Where, WhereClause? Document, bool IsExact, bool IsNever = false)
{
    private static readonly ChromaFilter Never = new(null, null, IsExact: true, IsNever: true);
    private static readonly ChromaFilter Always = new(null, null, IsExact: true);

    // What Chroma cannot say is widened to "anything" and finished in process, never narrowed.
    private static readonly ChromaFilter Anything = new(null, null, IsExact: false);

    private bool IsUnconstrained => !IsNever && Where is null && Document is null;

    public static ChromaFilter From(VectorFilter? filter) => filter is null ? Always : Translate(filter, negated: false);

    /// <summary>Chroma has no negation: it is carried down to the leaves, where some have a negative twin.</summary>
    private static ChromaFilter Translate(VectorFilter filter, bool negated) => filter switch
    {
        NotFilter not => Translate(not.Inner, !negated),
        AndFilter and => negated ? Or(and.Filters, negated) : And(and.Filters, negated),
        OrFilter or => negated ? And(or.Filters, negated) : Or(or.Filters, negated),
        ComparisonFilter comparison => Comparison(comparison, negated),
        MembershipFilter membership => Membership(membership.Key, membership.Values, negated),
        ElementFilter element => new(
            new WhereClause.Compare(
                ChromaMetadata.ElementMark(element.Key, element.Element),
                negated ? "$ne" : "$eq",
                true), null, IsExact: true),
        TextFilter { Key: null } text => new(null, new WhereClause.Text(negated ? "$not_contains" : "$contains", text.Text), IsExact: true),
        _ => Anything,
    };

    private static ChromaFilter Comparison(ComparisonFilter filter, bool negated)
    {
        if (filter.Operator == ComparisonOperator.Eq)
            return Membership(filter.Key, [filter.Value], negated);

        // Chroma orders numbers only; and the opposite of "greater" accepts records without the key, which it cannot ask for.
        var value = ChromaNumbers.Canonical(filter.Value);
        return negated || value.Kind == MetadataValueKind.Text || !ChromaNumbers.IsExact(value)
            ? Anything
            : new(ChromaNumbers.Order(filter.Key, filter.Operator, value), null, IsExact: true);
    }

    private static ChromaFilter Membership(string key, MetadataValue[] values, bool negated)
    {
        if (values.Length == 0)
            return negated ? Always : Never;

        MetadataValue[] operands = [.. values.Select(ChromaNumbers.Canonical).Distinct()];
        var exact = Array.TrueForAll(operands, ChromaNumbers.IsExact);
        if (negated && !exact)
            return Anything;

        // A list must hold values of one kind.
        var groups = operands.GroupBy(static value => value.Kind).Select(group => ChromaNumbers.Among(key, [.. group], negated));
        return new(Join(negated ? "$and" : "$or", groups), null, exact);
    }

    private static ChromaFilter And(VectorFilter[] filters, bool negated)
    {
        var parts = filters.Select(filter => Translate(filter, negated)).ToList();
        return parts.Exists(static part => part.IsNever)
            ? Never
            : new(
                Join("$and", parts.Select(static part => part.Where)),
                Join("$and", parts.Select(static part => part.Document)),
                parts.TrueForAll(static part => part.IsExact));
    }

    private static ChromaFilter Or(VectorFilter[] filters, bool negated)
    {
        var parts = filters.Select(filter => Translate(filter, negated)).Where(static part => !part.IsNever).ToList();
        if (parts.Count <= 1)
            return parts.Count == 0 ? Never : parts[0];

        var exact = parts.TrueForAll(static part => part.IsExact);
        if (parts.Exists(static part => part.IsUnconstrained))
            return parts.Exists(static part => part.IsUnconstrained && part.IsExact) ? Always : Anything;

        // The two conditions are joined by "and" at the server, so an "or" across them cannot be said.
        return parts.TrueForAll(static part => part.Document is null) ?
            new(Join("$or", parts.Select(static part => part.Where)), null, exact)
            :
            parts.TrueForAll(static part => part.Where is null) ?
                new(null, Join("$or", parts.Select(static part => part.Document)), exact)
            :
                Anything;
    }

    private static WhereClause? Join(string @operator, IEnumerable<WhereClause?> clauses)
    {
        var present = clauses.OfType<WhereClause>().ToList();
        return present.Count switch
        {
            0 => null,
            1 => present[0],
            _ => new WhereClause.Several(@operator, present),
        };
    }
}
