namespace Data.Resilience.Outbox;

/// <summary>Hands committed messages to a broker, a queue, an index or another service. Written by the application.</summary>
/// <remarks>
/// A singleton, called concurrently for messages of different keys. At least once: a message comes again when the process dies between the
/// publisher's return and the deletion of the message, and after a failure or a time-out. The receiver tells repetitions by
/// <see cref="OutboxMessage.Id"/>, for instance with an inbox.
/// </remarks>
/// <example>
/// <code>
/// using Data.Resilience.Outbox;
///
/// class HttpPublisher(HttpClient client) : IOutboxPublisher
/// {
///     public async Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken)
///     {
///         using var request = new HttpRequestMessage(HttpMethod.Post, message.Topic);
///         request.Headers.Add("Idempotency-Key", message.Id.ToString());
///         request.Content = new ReadOnlyMemoryContent(message.Payload);
///         using var response = await client.SendAsync(request, cancellationToken);
///         response.EnsureSuccessStatusCode();
///     }
/// }
/// </code>
/// </example>
public interface IOutboxPublisher
{
    /// <summary>Publishes one message; returning means that it was accepted.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Cancelled after <see cref="OutboxOptions.PublishTimeout"/> and when the host will wait no longer.
    /// A call that ignores it is abandoned and counts as failed.</param>
    /// <returns>A task that completes when the message was accepted.</returns>
    /// <remarks>
    /// Any exception is a failed attempt: the message is handed over again after a delay, and later messages of its key wait. The message's
    /// tenant is the current one (<see cref="Tenancy.TenantScope"/>).
    /// </remarks>
    Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken);
}
