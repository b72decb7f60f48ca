namespace Data.Vector.Filters;

/// <summary>The order of metadata values that have one: numbers by mathematical value, texts ordinally.</summary>
internal static class ScalarOrder
{
    // Every double of at least 2^63 is greater than every long; the comparison below it is exact.
    private const double LongLimit = 9223372036854775808.0;

    /// <summary>Equality by mathematical value; values of different kinds, numbers aside, are never equal.</summary>
    public static bool Equal(MetadataValue left, MetadataValue right)
    {
        if (TryCompare(left, right, out var order))
            return order == 0;

        return left.Kind == MetadataValueKind.Boolean && right.Kind == MetadataValueKind.Boolean && left.AsBoolean() == right.AsBoolean();
    }

    /// <summary>Compares two texts or two numbers.</summary>
    /// <returns>False when the values have no order: different kinds, truth values, lists.</returns>
    public static bool TryCompare(MetadataValue left, MetadataValue right, out int order)
    {
        order = 0;
        switch (left.Kind, right.Kind)
        {
            case (MetadataValueKind.Text, MetadataValueKind.Text):
                order = string.CompareOrdinal(left.AsString(), right.AsString());
                return true;
            case (MetadataValueKind.WholeNumber, MetadataValueKind.WholeNumber):
                order = left.AsInt64().CompareTo(right.AsInt64());
                return true;
            case (MetadataValueKind.Number, MetadataValueKind.Number):
                order = left.AsDouble().CompareTo(right.AsDouble());
                return true;
            case (MetadataValueKind.WholeNumber, MetadataValueKind.Number):
                order = Compare(left.AsInt64(), right.AsDouble());
                return true;
            case (MetadataValueKind.Number, MetadataValueKind.WholeNumber):
                order = -Compare(right.AsInt64(), left.AsDouble());
                return true;
            default:
                return false;
        }
    }

    /// <summary>Compares without rounding the whole number, which a cast to double would above 2^53.</summary>
    private static int Compare(long whole, double number)
    {
        if (number >= LongLimit)
            return -1;

        if (number < -LongLimit)
            return 1;

        var floor = Math.Floor(number);
        var order = whole.CompareTo((long)floor);
        return order != 0 ? order : number > floor ? -1 : 0;
    }
}
