using System.Security.Cryptography;
using System.Text;

namespace Data.Vector.PgVector;

/// <summary>Rejects what the extension cannot index, before anything is sent, and names tables.</summary>
internal static class PgGuard
{
    private const int MaxTableName = 40;

    /// <summary>Rejects options of a new collection.</summary>
    public static void Options(VectorCollectionOptions options)
    {
        if (options.Dimensions > PgTable.MaxDimensions)
        {
            throw new VectorInputException(
                $"Dimensions is {options.Dimensions}; the extension vector takes at most {PgTable.MaxDimensions:N0}.");
        }

        var hnsw = options.Hnsw;
        if (options.Index != VectorIndexKind.Hnsw || options.Dimensions > PgTable.MaxIndexed)
            return;

        if (hnsw.M > 100)
            throw new VectorInputException($"M is {hnsw.M}; the extension vector takes 2 to 100.");

        if (hnsw.EfConstruction is < 4 or > 1_000 || hnsw.EfConstruction < hnsw.M * 2)
        {
            throw new VectorInputException(
                $"EfConstruction is {hnsw.EfConstruction}; the extension vector takes 4 to 1,000, and at least twice M ({hnsw.M}).");
        }
    }

    /// <summary>Rejects a vector that the index of the collection cannot hold.</summary>
    public static void Vector(PgTable table, ReadOnlySpan<float> vector, string id, int position)
    {
        if (table.IsHalf && !FitsHalf(vector))
        {
            throw new VectorInputException(
                $"The vector of '{id}' at position {position} holds a value beyond {Half.MaxValue:N0}, which the index of "
                + $"{table.Options.Dimensions:N0} dimensions, one of half precision, cannot hold; scale the data.",
                id,
                position);
        }
    }

    /// <summary>Whether half precision can hold the values of a vector.</summary>
    public static bool FitsHalf(ReadOnlySpan<float> vector)
    {
        foreach (var value in vector)
        {
            if (Half.IsInfinity((Half)value))
                return false;
        }

        return true;
    }

    /// <summary>
    /// Returns the name of a collection's table: the collection's, or for longer ones its beginning and a hash, because a name has at most
    /// 63 bytes. No collection's name begins like that of the list of collections.
    /// </summary>
    public static string TableName(string collection) => collection.Length <= MaxTableName
        ? collection
        : $"{collection[..MaxTableName]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(collection)).AsSpan(0, 8))}";
}
