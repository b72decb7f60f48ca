namespace Data.Resilience.Outbox;

/// <summary>One message as it waits in its session for the commit.</summary>
internal readonly record struct OutboxRow(Guid MessageId, int Hash, string Topic, string? Key, byte[] Payload, string? Headers);
