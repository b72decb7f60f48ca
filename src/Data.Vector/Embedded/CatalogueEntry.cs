using Data.Vector.Telemetry;

namespace Data.Vector.Embedded;

/// <summary>The folder of a collection, null in memory, and the collection once it is open.</summary>
internal sealed class CatalogueEntry(TimeProvider time)
{
    public string? Folder { get; init; }

    public EmbeddedCollection? Collection
    {
        get;
        set
        {
            field = value;
            Face = new MeasuredCollection(value!, VectorTelemetry.InProcess, time);
        }
    }

    /// <summary>The collection as callers see it: the same instance every time.</summary>
    public MeasuredCollection Face { get; private set; } = null!;
}
