using Data.Resilience.Sessions;

namespace Data.Resilience.Interceptors;

/// <summary>Ends the account of what a session did on its bare connection.</summary>
internal sealed class QuerySessionObserver : ISessionObserver
{
    public void Opened(DbSession session)
    {
        // The account begins with the first command.
    }

    public void Closed(DbSession session, in SessionSummary summary) => (session.Observation as QueryScope)?.SessionClosed();
}
