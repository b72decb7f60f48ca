using System.Runtime.InteropServices;

namespace Data.Vector.TextSearch;

/// <summary>Okapi BM25 over the texts that the index has at one moment.</summary>
/// <param name="documents">The number of texts.</param>
/// <param name="length">The number of their terms.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly struct Bm25(int documents, long length)
{
    public const float K1 = 1.2f, B = 0.75f;

    private readonly float _perTerm = K1 * B * Math.Max(1, documents) / Math.Max(1, length);

    /// <summary>Returns the weight of a term in a query: the highest score that a text can have by it.</summary>
    /// <param name="having">The number of texts that have the term.</param>
    /// <param name="times">How often the query has it.</param>
    public float Weight(int having, int times)
    {
        // While writes run, the counts may be of different moments.
        var all = Math.Max(documents, having);
        return (float)(Math.Log(1 + ((all - having + 0.5) / (having + 0.5))) * (K1 + 1) * times);
    }

    /// <summary>Returns the score of a text by a term.</summary>
    public float Score(float weight, int frequency, int length) =>
        weight * frequency / (frequency + (K1 * (1 - B)) + (_perTerm * length));
}
