namespace Data.Vector.Collections;

/// <summary>Checks that an existing collection has the options that a caller requests.</summary>
internal static class CollectionMatch
{
    public static void Check(string name, VectorCollectionOptions actual, VectorCollectionOptions wanted, bool compareIndex)
    {
        if (actual.Dimensions != wanted.Dimensions || actual.Metric != wanted.Metric || (compareIndex && actual.Index != wanted.Index))
        {
            throw new VectorCollectionMismatchException(
                $"Collection '{name}' exists with {Describe(actual, compareIndex)}; requested was {Describe(wanted, compareIndex)}. Use "
                + "another name, or delete the collection first.");
        }
    }

    private static string Describe(VectorCollectionOptions options, bool withIndex) =>
        $"{options.Dimensions} dimensions under {options.Metric}{(withIndex ? $" ({options.Index})" : "")}";
}
