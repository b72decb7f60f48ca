using Data.Vector.Filters;
using Data.Vector.Remote;

namespace Data.Vector.Chroma;

/// <summary>Comparisons with numbers, worked round what the server does with fractions.</summary>
/// <remarks>
/// Chroma keeps whole and floating-point numbers in two columns and compares an operand with both. A whole operand is right in both. A
/// fraction, however, is cut towards zero before it meets the whole numbers: <c>$eq 0.5</c> finds 0, <c>$lt 0.7</c> misses it. For a
/// fraction f, then, <c>$gt</c> and <c>$lte</c> are right when f is positive, <c>$gte</c> and <c>$lt</c> when it is negative, and the
/// others follow from those together with equality, which is put right by naming the whole number that must not (or must) match as well.
/// </remarks>
internal static class ChromaNumbers
{
    // Above this a whole operand is rounded on its way to the floating-point column.
    private const long ExactLimit = 1L << 53;

    /// <summary>A number as the server compares it best: whole where it is whole.</summary>
    public static MetadataValue Canonical(MetadataValue value) =>
        value.Kind == MetadataValueKind.Number && Math.Abs(value.AsDouble()) <= ExactLimit
            && Math.Floor(value.AsDouble()) == value.AsDouble()
            ? (long)value.AsDouble()
            : value;

    /// <summary>Whether the server compares the operand with both columns exactly, given what this class does for fractions.</summary>
    public static bool IsExact(MetadataValue value) =>
        value.Kind != MetadataValueKind.WholeNumber || value.AsInt64() is >= -ExactLimit and <= ExactLimit;

    public static WhereClause Among(string key, IReadOnlyList<MetadataValue> values, bool negated)
    {
        WhereClause plain = values.Count == 1
            ? new WhereClause.Compare(key, negated ? "$ne" : "$eq", values[0])
            : new WhereClause.Among(key, negated ? "$nin" : "$in", values);
        if (values[0].Kind != MetadataValueKind.Number)
            return plain;

        MetadataValue[] cut = [.. values.Select(Cut).Distinct()];
        var correction = new WhereClause.Among(key, negated ? "$in" : "$nin", cut);
        return new WhereClause.Several(negated ? "$or" : "$and", [plain, correction]);
    }

    public static WhereClause Order(string key, ComparisonOperator comparison, MetadataValue value)
    {
        if (value.Kind != MetadataValueKind.Number)
            return Plain(comparison);

        var positive = value.AsDouble() > 0;
        return (comparison, positive) switch
        {
            (ComparisonOperator.Gt, true)
                or (ComparisonOperator.Lte, true)
                or (ComparisonOperator.Gte, false)
                or (ComparisonOperator.Lt, false) => Plain(comparison),
            (ComparisonOperator.Gte, _) => Or(Plain(ComparisonOperator.Gt), Among(key, [value], negated: false)),
            (ComparisonOperator.Lte, _) => Or(Plain(ComparisonOperator.Lt), Among(key, [value], negated: false)),
            (ComparisonOperator.Gt, _) => And(Plain(ComparisonOperator.Gte), Among(key, [value], negated: true)),
            _ => And(Plain(ComparisonOperator.Lte), Among(key, [value], negated: true)),
        };

        WhereClause Plain(ComparisonOperator which) => new WhereClause.Compare(key, Name(which), value);
    }

    private static MetadataValue Cut(MetadataValue fraction) => fraction.AsDouble() switch
    {
        >= long.MaxValue => long.MaxValue,
        <= long.MinValue => long.MinValue,
        var number => (long)number,
    };

    private static WhereClause.Several And(WhereClause left, WhereClause right) => new("$and", [left, right]);

    private static WhereClause.Several Or(WhereClause left, WhereClause right) => new("$or", [left, right]);

    private static string Name(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Gt => "$gt",
        ComparisonOperator.Gte => "$gte",
        ComparisonOperator.Lt => "$lt",
        _ => "$lte",
    };
}
