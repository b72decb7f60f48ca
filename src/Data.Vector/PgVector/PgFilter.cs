using Data.Vector.Collections;
using Data.Vector.Filters;

namespace Data.Vector.PgVector;

/// <summary>A filter as a condition in SQL.</summary>
/// <remarks>
/// A condition on a key that a record does not have is null, which WHERE takes for false. So does the negation, which is
/// <c>IS NOT TRUE</c>: And, Or and Not then mean what they mean elsewhere. Equality is written as containment, which the index over the
/// metadata answers. Orders compare jsonb itself, so that an application can add an index over <c>(metadata -> 'key')</c>.
/// </remarks>
internal static class PgFilter
{
    // Beyond it one comparison with a list is cheaper than the index.
    private const int MostContainments = 32;
    private const string Never = "FALSE";

    /// <summary>Translates a filter; its operands become parameters of the statement.</summary>
    /// <exception cref="VectorFilterNotSupportedException">The filter looks for a part of a character.</exception>
    public static string Translate(VectorFilter filter, PgStatement statement) => filter switch
    {
        NotFilter not => $"({Translate(not.Inner, statement)}) IS NOT TRUE",
        AndFilter and => Join(and.Filters, " AND ", statement),
        OrFilter or => Join(or.Filters, " OR ", statement),
        ComparisonFilter { Operator: ComparisonOperator.Eq } equality => Contains(equality.Key, equality.Value, inList: false, statement),
        ComparisonFilter order => Order(order, statement),
        MembershipFilter membership => Membership(membership, statement),
        ElementFilter element => Contains(element.Key, element.Element, inList: true, statement),
        TextFilter text => Part(text, statement),
        PgIdFilter known => $"id = ANY({statement.Parameter(known.Ids)}::text[])",
        _ => throw new VectorFilterNotSupportedException($"PostgreSQL cannot filter by '{filter}'."),
    };

    private static string Join(VectorFilter[] filters, string separator, PgStatement statement) =>
        $"({string.Join(separator, filters.Select(filter => Translate(filter, statement)))})";

    private static string Contains(string key, MetadataValue value, bool inList, PgStatement statement) =>
        CanBeHeld(key, value) ? $"metadata @> {statement.Parameter(PgMetadata.Part(key, value, inList))}::jsonb" : Never;

    private static string Membership(MembershipFilter filter, PgStatement statement)
    {
        var values = Array.FindAll(filter.Values, value => CanBeHeld(filter.Key, value));
        if (values.Length == 0)
            return Never;

        if (values.Length <= MostContainments)
            return $"({string.Join(" OR ", values.Select(value => Contains(filter.Key, value, inList: false, statement)))})";

        var list = statement.Parameter(Array.ConvertAll(values, PgMetadata.Encode));
        return $"{Value(filter.Key, statement)} = ANY({list}::text[]::jsonb[])";
    }

    private static string Order(ComparisonFilter filter, PgStatement statement)
    {
        var sign = filter.Operator switch
        {
            ComparisonOperator.Gt => ">",
            ComparisonOperator.Gte => ">=",
            ComparisonOperator.Lt => "<",
            _ => "<=",
        };
        if (PgText.HoldsNull(filter.Key))
            return Never;

        if (filter.Value.Kind == MetadataValueKind.Text)
            return TextOrder(filter, sign, statement);

        var value = Value(filter.Key, statement);
        var operand = statement.Parameter(PgMetadata.Encode(filter.Value));
        return $"({value} {sign} {operand}::jsonb AND jsonb_typeof({value}) = 'number')";
    }

    private static string TextOrder(ComparisonFilter filter, string sign, PgStatement statement)
    {
        var operand = filter.Value.AsString();
        if (!PgText.CanBeHeld(operand))
            throw Refused(filter);

        var key = statement.Parameter(filter.Key);
        var text = $"(metadata ->> {key}::text)";
        if (PgTextOrder.Differs(operand))
            (text, operand) = (PgTextOrder.Marked(text), PgTextOrder.MarkedOperand(operand));

        return $"({text} COLLATE \"C\" {sign} {statement.Parameter(operand)}::text "
            + $"AND jsonb_typeof(metadata -> {key}::text) = 'string')";
    }

    private static string Part(TextFilter filter, PgStatement statement)
    {
        if (PgText.HoldsNull(filter.Text) || (filter.Key is { } name && PgText.HoldsNull(name)))
            return Never;

        if (!WellFormedText.Is(filter.Text))
            throw Refused(filter);

        if (filter.Key is null)
            return $"strpos(document, {statement.Parameter(filter.Text)}::text) > 0";

        var key = statement.Parameter(filter.Key);
        return $"(strpos(metadata ->> {key}::text, {statement.Parameter(filter.Text)}::text) > 0 "
            + $"AND jsonb_typeof(metadata -> {key}::text) = 'string')";
    }

    private static string Value(string key, PgStatement statement) => $"(metadata -> {statement.Parameter(key)}::text)";

    private static bool CanBeHeld(string key, MetadataValue value) =>
        PgText.CanBeHeld(key) && (value.Kind != MetadataValueKind.Text || PgText.CanBeHeld(value.AsString()));

    private static VectorFilterNotSupportedException Refused(VectorFilter filter) =>
        new($"PostgreSQL cannot filter by '{filter}': the operand holds U+0000 or half a surrogate pair, which no text there contains.");
}
