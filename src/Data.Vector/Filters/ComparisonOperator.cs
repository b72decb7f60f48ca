namespace Data.Vector.Filters;

internal enum ComparisonOperator
{
    Eq,
    Gt,
    Gte,
    Lt,
    Lte,
}
