using Data.Resilience.Sessions;

namespace Data.Resilience.Outbox;

/// <summary>Gives sessions their outbox.</summary>
public static class SessionOutboxExtensions
{
    extension(IDbSession session)
    {
        /// <summary>Messages to send with the session's commit.</summary>
        /// <exception cref="InvalidOperationException">The context has no outbox.</exception>
        /// <example>
        /// <code>
        /// using Data.Resilience.Outbox;
        ///
        /// await sessions.WriteAsync(async (session, token) =>
        /// {
        ///     session.Context.Orders.Add(order);
        ///     await session.Context.SaveChangesAsync(token);
        ///     session.Outbox.AddJson("order-placed", order.Number, order);
        /// });
        /// </code>
        /// </example>
        public SessionOutbox Outbox => Of(session);
    }

    private static SessionOutbox Of(IDbSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session is not DbSession own)
            throw new InvalidOperationException("Only sessions of IDbSessionFactory have an outbox.");

        for (var index = 0; index < own.CommitSteps?.Count; index++)
        {
            if (own.CommitSteps[index] is SessionOutbox existing)
                return existing;
        }

        var writer = own.FindPart<OutboxWriter>()
            ?? throw new InvalidOperationException("The context has no outbox. Call AddOutbox on its registration.");
        var outbox = new SessionOutbox(own, writer);
        own.AddCommitStep(outbox);
        return outbox;
    }
}
