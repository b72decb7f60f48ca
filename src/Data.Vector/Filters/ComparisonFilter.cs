namespace Data.Vector.Filters;

internal sealed class ComparisonFilter(string key, ComparisonOperator @operator, MetadataValue value) : VectorFilter
{
    public string Key { get; } = FilterOperands.Key(key);

    public ComparisonOperator Operator { get; } = @operator;

    public MetadataValue Value { get; } =
        @operator == ComparisonOperator.Eq ? FilterOperands.Scalar(key, value) : FilterOperands.Ordered(key, value);

    internal override bool Matches(VectorMetadata metadata, string? document)
    {
        if (!metadata.TryGetValue(Key, out var actual))
            return false;

        if (Operator == ComparisonOperator.Eq)
            return ScalarOrder.Equal(actual, Value);

        return ScalarOrder.TryCompare(actual, Value, out var order) && Operator switch
        {
            ComparisonOperator.Gt => order > 0,
            ComparisonOperator.Gte => order >= 0,
            ComparisonOperator.Lt => order < 0,
            _ => order <= 0,
        };
    }

    public override string ToString() => $"{Key} {Operator} {Value}";
}
