using Data.Resilience.Connections;

namespace Data.Resilience.Outbox;

/// <summary>One database that has an outbox, with the ways to it.</summary>
/// <param name="Writers">The node whose sessions add messages.</param>
/// <param name="Dispatchers">Where dispatchers take them; the same node unless they have a role of their own.</param>
/// <param name="Listeners">Where notifications are listened for; past any pooler of transactions.</param>
internal sealed record OutboxDatabase(DatabaseNode Writers, DatabaseNode Dispatchers, DatabaseNode Listeners);
