using System.Diagnostics;

namespace Data.Vector;

/// <summary>A record that a search found.</summary>
[DebuggerDisplay("{Id} at {Distance}")]
public readonly struct VectorMatch : IEquatable<VectorMatch>
{
    private readonly VectorRecord _record;
    private readonly float[]? _vector;
    private readonly bool _withDocument;

    internal VectorMatch(VectorRecord record, float distance, float similarity, bool withDocument, float[]? vector)
    {
        _record = record;
        _vector = vector;
        _withDocument = withDocument;
        Distance = distance;
        Similarity = similarity;
    }

    /// <summary>The record's id.</summary>
    public string Id => _record.Id;

    /// <summary>The distance to the query in the collection's metric; lower is nearer.</summary>
    public float Distance { get; }

    /// <summary>
    /// The similarity to the query; higher is nearer. <see cref="DistanceMetric"/> defines it for each metric.
    /// </summary>
    public float Similarity { get; }

    /// <summary>The record's text; null when it has none or texts were not requested.</summary>
    public string? Document => _withDocument ? _record.Document : null;

    /// <summary>The record's metadata, read-only; empty when it has none.</summary>
    public VectorMetadata Metadata => _record.Metadata ?? VectorMetadata.Empty;

    /// <summary>The record's vector; empty unless vectors were requested.</summary>
    public ReadOnlyMemory<float> Vector => _vector;

    /// <summary>Compares two matches.</summary>
    /// <param name="left">One match.</param>
    /// <param name="right">The other match.</param>
    /// <returns>True when id and distance agree.</returns>
    public static bool operator ==(VectorMatch left, VectorMatch right) => left.Equals(right);

    /// <summary>Compares two matches.</summary>
    /// <param name="left">One match.</param>
    /// <param name="right">The other match.</param>
    /// <returns>True when id or distance differ.</returns>
    public static bool operator !=(VectorMatch left, VectorMatch right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(VectorMatch other) =>
        string.Equals(_record?.Id, other._record?.Id, StringComparison.Ordinal) && Distance.Equals(other.Distance);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is VectorMatch other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_record?.Id, Distance);

    internal VectorRecord Record => _record;

    internal VectorMatch WithoutVector() => new(_record, Distance, Similarity, _withDocument, null);
}
