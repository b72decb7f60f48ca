using Data.Resilience.Connections;

namespace Data.Resilience.Outbox;

/// <summary>
/// Every database of a context that has an outbox: the primary, or each shard. Owns the connections that only the outbox has.
/// </summary>
internal sealed class OutboxDatabases : IAsyncDisposable
{
    private readonly List<DatabaseNode> _owned = [];

    public OutboxDatabases(IReadOnlyList<DatabaseNode> nodes, DatabaseNodeFactory factory, OutboxOptions options)
    {
        if (nodes.Count > 1 && (options.ConnectionString ?? options.ListenConnectionString) is not null)
        {
            throw new InvalidOperationException("OutboxOptions.ConnectionString and ListenConnectionString name one database, and the "
                + "context's sessions write to several shards. Leave them out, or dispatch each shard from a context of its own.");
        }

        All = [.. nodes.Select(node =>
        {
            var dispatchers = Open(options.ConnectionString, $"{node.Name}-outbox") ?? node;
            return new OutboxDatabase(node, dispatchers, Open(options.ListenConnectionString, $"{node.Name}-outbox-listen") ?? dispatchers);
        })];

        DatabaseNode? Open(string? connectionString, string name)
        {
            if (connectionString is null)
                return null;

            var node = factory.Create(name, connectionString);
            _owned.Add(node);
            return node;
        }
    }

    public IReadOnlyList<OutboxDatabase> All { get; }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _owned)
            await node.DisposeAsync().ConfigureAwait(false);
    }
}
