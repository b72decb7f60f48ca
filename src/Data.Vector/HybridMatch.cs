using System.Diagnostics;

namespace Data.Vector;

/// <summary>A record that a hybrid search found.</summary>
[DebuggerDisplay("{Id} with {Score}")]
public sealed class HybridMatch
{
    private readonly VectorRecord _record;
    private readonly bool _withDocument;

    internal HybridMatch(VectorRecord record, bool withDocument, ReadOnlyMemory<float> vector)
    {
        _record = record;
        _withDocument = withDocument;
        Vector = vector;
    }

    /// <summary>The record's id.</summary>
    public string Id => _record.Id;

    /// <summary>The fused score; higher is better. <see cref="HybridFusion"/> defines it.</summary>
    public required double Score { get; init; }

    /// <summary>The record's rank among those nearest to the vector, from 1; null when it is not one of the candidates.</summary>
    public int? VectorRank { get; init; }

    /// <summary>The distance to the vector in the collection's metric; null when the record has no <see cref="VectorRank"/>.</summary>
    public float? Distance { get; init; }

    /// <summary>The similarity to the vector; null when the record has no <see cref="VectorRank"/>.</summary>
    public float? Similarity { get; init; }

    /// <summary>The record's rank among the texts that fit the words best, from 1; null when it is not one of the candidates.</summary>
    public int? TextRank { get; init; }

    /// <summary>
    /// The score of the record's text, higher is better: by BM25 in process, by the server's own measure elsewhere. Null when the record
    /// has no <see cref="TextRank"/>.
    /// </summary>
    public float? TextScore { get; init; }

    /// <summary>The record's text; null when it has none or texts were not requested.</summary>
    public string? Document => _withDocument ? _record.Document : null;

    /// <summary>The record's metadata, read-only; empty when it has none.</summary>
    public VectorMetadata Metadata => _record.Metadata ?? VectorMetadata.Empty;

    /// <summary>The record's vector; empty unless vectors were requested.</summary>
    public ReadOnlyMemory<float> Vector { get; }
}
