namespace Data.Resilience.Outbox;

/// <summary>A committed message on its way to the publisher.</summary>
public sealed record OutboxMessage
{
    /// <summary>Identity; the same in every repetition, and the value that <see cref="SessionOutbox.Add"/> returned.</summary>
    public required Guid Id { get; init; }

    /// <summary>Topic; 1 to 200 characters.</summary>
    public required string Topic { get; init; }

    /// <summary>Key whose messages keep the order of their commits; null for a message without order.</summary>
    public string? Key { get; init; }

    /// <summary>Content.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Headers; empty when there are none.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>Tenant whose session added the message; null without one.</summary>
    public string? TenantId { get; init; }

    /// <summary>Time of the commit by the database's clock, a moment before it took effect.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Number of this attempt as far as the database knows, 1 for the first.</summary>
    public required int Attempt { get; init; }
}
