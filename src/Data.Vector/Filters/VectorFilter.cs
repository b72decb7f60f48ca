using Data.Vector.Filters;

namespace Data.Vector;

/// <summary>A condition on the metadata or the text of records, or a combination of conditions.</summary>
/// <remarks>
/// Immutable and safe to share. A filter means the same in every store: numbers, whole or floating-point, compare by mathematical value;
/// texts compare ordinally; values of different kinds are never equal and have no order. A record without the key does not match
/// <c>Eq</c>, an ordering, <c>In</c> or <c>Contains</c>, and therefore matches <c>Ne</c>, <c>NotIn</c> and <c>Not</c> of them. A list
/// matches <c>Contains</c> only. Where a server cannot express a condition, the store sends the server a wider one and applies the rest in
/// process.
/// </remarks>
/// <example><code>
/// var filter = VectorFilter.Gte("year", 2020) &amp; (VectorFilter.Contains("tags", "db") | VectorFilter.DocumentContains("index"));
/// </code></example>
public abstract class VectorFilter
{
    private protected VectorFilter()
    {
    }

    /// <summary>Accepts records that both filters accept.</summary>
    /// <param name="left">One filter.</param>
    /// <param name="right">The other filter.</param>
    public static VectorFilter operator &(VectorFilter left, VectorFilter right) => And(left, right);

    /// <summary>Accepts records that at least one of two filters accepts.</summary>
    /// <param name="left">One filter.</param>
    /// <param name="right">The other filter.</param>
    public static VectorFilter operator |(VectorFilter left, VectorFilter right) => Or(left, right);

    /// <summary>Accepts records that the filter rejects.</summary>
    /// <param name="filter">The filter.</param>
    public static VectorFilter operator !(VectorFilter filter) => Not(filter);

    /// <summary>Accepts records whose value equals the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A text, number or Boolean.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value is a list, NaN or infinite.</exception>
    public static VectorFilter Eq(string key, MetadataValue value) => new ComparisonFilter(key, ComparisonOperator.Eq, value);

    /// <summary>Accepts records whose value differs from the operand, or that have no value.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A text, number or Boolean.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value is a list, NaN or infinite.</exception>
    public static VectorFilter Ne(string key, MetadataValue value) => Not(Eq(key, value));

    /// <summary>Accepts records whose value is greater than the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A number, or a text, which is compared ordinally.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value has no order.</exception>
    public static VectorFilter Gt(string key, MetadataValue value) => new ComparisonFilter(key, ComparisonOperator.Gt, value);

    /// <summary>Accepts records whose value is greater than or equal to the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A number, or a text, which is compared ordinally.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value has no order.</exception>
    public static VectorFilter Gte(string key, MetadataValue value) => new ComparisonFilter(key, ComparisonOperator.Gte, value);

    /// <summary>Accepts records whose value is less than the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A number, or a text, which is compared ordinally.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value has no order.</exception>
    public static VectorFilter Lt(string key, MetadataValue value) => new ComparisonFilter(key, ComparisonOperator.Lt, value);

    /// <summary>Accepts records whose value is less than or equal to the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="value">A number, or a text, which is compared ordinally.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the value has no order.</exception>
    public static VectorFilter Lte(string key, MetadataValue value) => new ComparisonFilter(key, ComparisonOperator.Lte, value);

    /// <summary>Accepts records whose value equals one of the operands.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="values">Texts, numbers or Booleans; an empty list accepts no record.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or a value is a list, NaN or infinite.</exception>
    public static VectorFilter In(string key, params IReadOnlyList<MetadataValue> values) => new MembershipFilter(key, values);

    /// <summary>Accepts records whose value equals none of the operands, or that have no value.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="values">Texts, numbers or Booleans; an empty list accepts every record.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or a value is a list, NaN or infinite.</exception>
    public static VectorFilter NotIn(string key, params IReadOnlyList<MetadataValue> values) => Not(In(key, values));

    /// <summary>Accepts records whose value is a list that contains the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="element">A text, number or Boolean.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the element is a list, NaN or infinite.</exception>
    public static VectorFilter Contains(string key, MetadataValue element) => new ElementFilter(key, element);

    /// <summary>Accepts records whose value is a text that contains the operand.</summary>
    /// <param name="key">The metadata key, not empty and not reserved.</param>
    /// <param name="text">The text to look for, compared ordinally, not empty.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The key is empty or reserved, or the text is empty.</exception>
    public static VectorFilter ContainsText(string key, string text) => new TextFilter(FilterOperands.Key(key), text);

    /// <summary>Accepts records whose text contains the operand.</summary>
    /// <param name="text">The text to look for, compared ordinally, not empty.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The text is empty.</exception>
    public static VectorFilter DocumentContains(string text) => new TextFilter(null, text);

    /// <summary>Accepts records whose text contains all words of the operand, in any order.</summary>
    /// <param name="words">
    /// One or more words, which <see cref="UnicodeTextAnalyzer"/> takes apart in every store: whole words, case and diacritics ignored.
    /// </param>
    /// <returns>The filter.</returns>
    /// <remarks>
    /// In process the text index answers it where the collection has one with that analyzer; until it is complete, the texts are read. In
    /// Chroma and PostgreSQL the records that the rest of the filter leaves are read; Pinecone cannot search by it.
    /// </remarks>
    /// <exception cref="VectorInputException">The operand has no word.</exception>
    public static VectorFilter DocumentContainsWords(string words) => new WordFilter(words);

    /// <summary>Accepts records that all filters accept.</summary>
    /// <param name="filters">One or more filters.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The list is empty.</exception>
    public static VectorFilter And(params IReadOnlyList<VectorFilter> filters) => new AndFilter(filters);

    /// <summary>Accepts records that at least one filter accepts.</summary>
    /// <param name="filters">One or more filters.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="VectorInputException">The list is empty.</exception>
    public static VectorFilter Or(params IReadOnlyList<VectorFilter> filters) => new OrFilter(filters);

    /// <summary>Accepts records that the filter rejects.</summary>
    /// <param name="filter">The filter.</param>
    /// <returns>The filter.</returns>
    public static VectorFilter Not(VectorFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return filter is NotFilter not ? not.Inner : new NotFilter(filter);
    }

    /// <summary>Returns whether the filter accepts a record: the meaning that every store has to implement.</summary>
    internal abstract bool Matches(VectorMetadata metadata, string? document);
}
