using System.Runtime.InteropServices;
using Data.Vector.Filters;
using Data.Vector.Remote;

namespace Data.Vector.Pinecone;

/// <summary>
/// A filter in Pinecone's words, which are fewer: what they cannot say is refused, for a search cannot be finished in process without
/// reading everything.
/// </summary>
/// <param name="Where">The condition; null for none.</param>
/// <param name="IsNever">Whether the filter accepts nothing, so that the server need not be asked.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PineconeFilter(WhereClause? Where, bool IsNever)
{
    private static readonly PineconeFilter Always = new(null, IsNever: false);
    private static readonly PineconeFilter Never = new(null, IsNever: true);

    /// <summary>Translates a filter.</summary>
    /// <exception cref="VectorFilterNotSupportedException">Pinecone cannot say it.</exception>
    public static PineconeFilter From(VectorFilter? filter) => filter is null ? Always : Translate(filter, negated: false);

    /// <summary>Pinecone has no negation: it is carried down to the leaves by De Morgan's laws.</summary>
    private static PineconeFilter Translate(VectorFilter filter, bool negated) => filter switch
    {
        NotFilter not => Translate(not.Inner, !negated),
        AndFilter and => Join(and.Filters, negated, conjunction: !negated),
        OrFilter or => Join(or.Filters, negated, conjunction: negated),
        ComparisonFilter { Operator: ComparisonOperator.Eq } equality => Membership(equality.Key, [equality.Value], negated),
        ComparisonFilter order => new(Order(order, negated), IsNever: false),
        MembershipFilter membership => Membership(membership.Key, membership.Values, negated),
        ElementFilter element => new(
            Among(PineconeMetadata.ElementsKey(element.Key), [JsonScalars.Describe(element.Element)], negated),
            IsNever: false),
        _ => throw Refused(
            filter,
            "it looks for a part of a text, which Pinecone cannot; keep what you look for in a list and use Contains"),
    };

    private static PineconeFilter Join(VectorFilter[] filters, bool negated, bool conjunction)
    {
        var parts = Array.ConvertAll(filters, filter => Translate(filter, negated));
        if (Array.Exists(parts, part => conjunction ? part.IsNever : part == Always))
            return conjunction ? Never : Always;

        var clauses = parts.Select(static part => part.Where).OfType<WhereClause>().ToList();
        return clauses.Count switch
        {
            0 => conjunction ? Always : Never,
            1 => new(clauses[0], IsNever: false),
            _ => new(new WhereClause.Several(conjunction ? "$and" : "$or", clauses), IsNever: false),
        };
    }

    private static WhereClause.Compare Order(ComparisonFilter filter, bool negated)
    {
        if (negated)
        {
            throw Refused(filter, "its opposite also accepts records without the key, and with other kinds of values, which Pinecone "
                + "cannot say; use the opposite comparison");
        }

        if (filter.Value.Kind == MetadataValueKind.Text)
            throw Refused(filter, "Pinecone orders numbers only");

        var name = filter.Operator switch
        {
            ComparisonOperator.Gt => "$gt",
            ComparisonOperator.Gte => "$gte",
            ComparisonOperator.Lt => "$lt",
            _ => "$lte",
        };
        return new WhereClause.Compare(filter.Key, name, Exact(filter.Key, filter.Value));
    }

    private static PineconeFilter Membership(string key, MetadataValue[] values, bool negated)
    {
        if (values.Length == 0)
            return negated ? Always : Never;

        // Lists hold texts or numbers; truth values are compared one by one.
        var groups = values.GroupBy(
            static value => value.Kind is MetadataValueKind.WholeNumber or MetadataValueKind.Number ? MetadataValueKind.Number : value.Kind)
            .SelectMany(group => group.Key == MetadataValueKind.Boolean ?
                group.Distinct().Select(value => Equal(key, value, negated)) :
                [Among(key, [.. group], negated)])
            .ToList();
        return new(groups.Count == 1 ? groups[0] : new WhereClause.Several(negated ? "$and" : "$or", groups), IsNever: false);
    }

    private static WhereClause Equal(string key, MetadataValue value, bool negated) =>
        OrMissing(key, new WhereClause.Compare(key, negated ? "$ne" : "$eq", value), negated);

    private static WhereClause Among(string key, MetadataValue[] values, bool negated)
    {
        var exact = values.Select(value => Exact(key, value)).Distinct().ToArray();
        return OrMissing(key, new WhereClause.Among(key, negated ? "$nin" : "$in", exact), negated);
    }

    /// <summary>Whether "not equal" accepts records without the key is not for the server to decide.</summary>
    private static WhereClause OrMissing(string key, WhereClause clause, bool negated) =>
        negated ? new WhereClause.Several("$or", [clause, new WhereClause.Compare(key, "$exists", false)]) : clause;

    /// <summary>A number that a double stands for alone. Whole numbers from 2^53 on share doubles until where none are left.</summary>
    private static MetadataValue Exact(string key, MetadataValue value)
    {
        const double LastShared = 9223372036854775808.0;
        return value.Kind is MetadataValueKind.WholeNumber or MetadataValueKind.Number
            && Math.Abs(value.AsDouble()) is >= PineconeMetadata.ExactLimit and <= LastShared
            ? throw Refused(
                $"{key} {value}",
                "Pinecone holds numbers as doubles, in which whole numbers from 2^53 on run together; keep such numbers as texts")
            : value;
    }

    private static VectorFilterNotSupportedException Refused(object part, string reason) =>
        new($"Pinecone cannot filter by '{part}': {reason}. Counting, streaming and deleting by the filter work, by reading every record.");
}
