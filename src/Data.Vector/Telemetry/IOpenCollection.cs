namespace Data.Vector.Telemetry;

/// <summary>A collection in process, as the gauges see it.</summary>
internal interface IOpenCollection
{
    string Name { get; }

    /// <summary>Returns its current size.</summary>
    /// <exception cref="ObjectDisposedException">It has been closed meanwhile.</exception>
    VectorCollectionStatistics Statistics();
}
