using Data.Vector.Filters;

namespace Data.Vector;

/// <summary>What a record must fulfil: a condition on its metadata or text, or a combination of conditions.</summary>
/// <remarks>
/// Immutable and safe to share. A filter means the same in every store:
/// numbers compare by mathematical value whether written as whole or floating-point; texts compare ordinally; values of different kinds are
/// never equal and never ordered. A record without the key fulfils neither <c>Eq</c> nor an ordering nor <c>In</c> nor <c>Contains</c>, and
/// therefore fulfils <c>Ne</c>, <c>NotIn</c> and <c>Not</c> of them. A list fulfils <c>Contains</c> only. Where a server cannot express a
/// condition, the store narrows with what the server can and finishes in process.
/// </remarks>
/// <example><code>
/// var filter = VectorFilter.Gte("year", 2020) &amp; (VectorFilter.Contains("tags", "db") | VectorFilter.DocumentContains("index"));
/// </code></example>
public abstract class VectorFilter
{
    private protected VectorFilter()
    {
    }

    /// <summary>Both must hold.</summary>
    /// <param name="left">One filter.</param>
    /// <param name="right">The other filter.</param>
    public static VectorFilter operator &(VectorFilter left, VectorFilter right) => And(left, right);

    /// <summary>One must hold.</summary>
    /// <param name="left">One filter.</param>
    /// <param name="right">The other filter.</param>
    public static VectorFilter operator |(VectorFilter left, VectorFilter right) => Or(left, right);

    /// <summary>The filter must not hold.</summary>
    /// <param name="filter">The filter.</param>
    public static VectorFilter operator !(VectorFilter filter) => Not(filter);

    /// <summary>The value equals the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A text, number or truth value.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value is a list, NaN or infinite.</exception>
    public static VectorFilter Eq(string key, MetadataValue value) => new ComparisonFilter(key, ComparisonOperator.Eq, value);

    /// <summary>The value differs from the operand, or there is none.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A text, number or truth value.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value is a list, NaN or infinite.</exception>
    public static VectorFilter Ne(string key, MetadataValue value) => Not(Eq(key, value));

    /// <summary>The value is greater than the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A number, or a text, which is compared ordinally.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value has no order.</exception>
    public static VectorFilter Gt(string key, MetadataValue value) => new ComparisonFilter(key, ComparisonOperator.Gt, value);

    /// <summary>The value is greater than the operand or equal.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A number, or a text, which is compared ordinally.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value has no order.</exception>
    public static VectorFilter Gte(string key, MetadataValue value) => new ComparisonFilter(key, ComparisonOperator.Gte, value);

    /// <summary>The value is less than the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A number, or a text, which is compared ordinally.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value has no order.</exception>
    public static VectorFilter Lt(string key, MetadataValue value) => new ComparisonFilter(key, ComparisonOperator.Lt, value);

    /// <summary>The value is less than the operand or equal.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A number, or a text, which is compared ordinally.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value has no order.</exception>
    public static VectorFilter Lte(string key, MetadataValue value) => new ComparisonFilter(key, ComparisonOperator.Lte, value);

    /// <summary>The value equals one of the operands.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="values">Texts, numbers or truth values; an empty list accepts no record.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or a value is a list, NaN or infinite.</exception>
    public static VectorFilter In(string key, params IReadOnlyList<MetadataValue> values) => new MembershipFilter(key, values);

    /// <summary>The value equals none of the operands, or there is none.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="values">Texts, numbers or truth values; an empty list accepts every record.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or a value is a list, NaN or infinite.</exception>
    public static VectorFilter NotIn(string key, params IReadOnlyList<MetadataValue> values) => Not(In(key, values));

    /// <summary>The value is a list that holds the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="element">A text, number or truth value.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the element is a list, NaN or infinite.</exception>
    public static VectorFilter Contains(string key, MetadataValue element) => new ElementFilter(key, element);

    /// <summary>The value is a text that holds the operand as a part.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="text">The part, compared ordinally, not empty.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the text is empty.</exception>
    public static VectorFilter ContainsText(string key, string text) => new TextFilter(FilterOperands.Key(key), text);

    /// <summary>The record's text holds the operand as a part.</summary>
    /// <param name="text">The part, compared ordinally, not empty.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The text is empty.</exception>
    public static VectorFilter DocumentContains(string text) => new TextFilter(null, text);

    /// <summary>All of the filters hold.</summary>
    /// <param name="filters">One or more filters.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The list is empty.</exception>
    public static VectorFilter And(params IReadOnlyList<VectorFilter> filters) => new AndFilter(filters);

    /// <summary>At least one of the filters holds.</summary>
    /// <param name="filters">One or more filters.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The list is empty.</exception>
    public static VectorFilter Or(params IReadOnlyList<VectorFilter> filters) => new OrFilter(filters);

    /// <summary>The filter does not hold.</summary>
    /// <param name="filter">The filter.</param>
    /// <returns>The filter.</returns>
    public static VectorFilter Not(VectorFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return filter is NotFilter not ? not.Inner : new NotFilter(filter);
    }

    /// <summary>Whether a record fulfils the filter: the meaning that every store must give.</summary>
    internal abstract bool Matches(VectorMetadata metadata, string? document);
}
