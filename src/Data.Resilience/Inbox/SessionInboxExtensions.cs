using Data.Resilience.Sessions;

namespace Data.Resilience.Inbox;

/// <summary>Gives sessions their inbox.</summary>
public static class SessionInboxExtensions
{
    extension(IDbSession session)
    {
        /// <summary>Messages that were accepted before.</summary>
        /// <exception cref="InvalidOperationException">The context has no inbox.</exception>
        /// <example>
        /// <code>
        /// using Data.Resilience.Inbox;
        ///
        /// await sessions.WriteAsync(async (session, token) =>
        /// {
        ///     if (!await session.Inbox.TryAcceptAsync("billing", order.Number, token))
        ///         return;
        ///
        ///     session.Context.Orders.Add(order);
        ///     await session.Context.SaveChangesAsync(token);
        /// });
        /// </code>
        /// </example>
        public SessionInbox Inbox => Of(session);
    }

    private static SessionInbox Of(IDbSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session is not DbSession own)
            throw new InvalidOperationException("Only sessions of IDbSessionFactory have an inbox.");

        return new SessionInbox(
            own,
            own.FindPart<InboxStatements>()
                ?? throw new InvalidOperationException("The context has no inbox. Call AddInbox on its registration."));
    }
}
