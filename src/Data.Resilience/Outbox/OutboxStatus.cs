namespace Data.Resilience.Outbox;

/// <summary>How an outbox is doing.</summary>
public sealed record OutboxStatus
{
    /// <summary>Largest number that <see cref="Depth"/> and <see cref="DeadLetters"/> count to, so that counting stays cheap.</summary>
    public const int MaxDepth = 100_000;

    /// <summary>Number of messages that are not published yet, counted up to <see cref="MaxDepth"/> per database.</summary>
    public required long Depth { get; init; }

    /// <summary>Age of the oldest of them by the database's clock; zero when there is none.</summary>
    public required TimeSpan Lag { get; init; }

    /// <summary>Number of dead letters, counted up to <see cref="MaxDepth"/> per database.</summary>
    public required long DeadLetters { get; init; }
}
