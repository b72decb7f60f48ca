namespace Data.Resilience.Pooling;

/// <summary>A connection that a session holds.</summary>
/// <param name="Session">Name of the session; null when it has none.</param>
/// <param name="Held">Time for which the session has held the connection.</param>
/// <param name="Stack">Stack that opened the connection; null unless leak detection is on.</param>
public sealed record HeldConnection(string? Session, TimeSpan Held, string? Stack);
