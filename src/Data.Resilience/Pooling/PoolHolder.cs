namespace Data.Resilience.Pooling;

/// <summary>Who holds a connection.</summary>
/// <param name="Session">The session's name; null when it has none.</param>
/// <param name="Held">How long it has held it.</param>
/// <param name="Stack">The stack that opened it; null unless leak detection is on.</param>
public sealed record PoolHolder(string? Session, TimeSpan Held, string? Stack);
