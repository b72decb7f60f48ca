using Data.Vector.Telemetry;

namespace Data.Vector.Embedded;

/// <summary>A collection's folder, null in memory, and the collection once it is open.</summary>
internal sealed class CatalogueEntry
{
    public string? Folder { get; init; }

    public EmbeddedCollection? Collection
    {
        get;
        set
        {
            field = value;
            Face = new MeasuredCollection(value!, VectorTelemetry.InProcess);
        }
    }

    /// <summary>What callers get: the same instance every time.</summary>
    public MeasuredCollection Face { get; private set; } = null!;
}
