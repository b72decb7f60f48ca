using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>Builds nodes: the primary's, and those of replicas and shards, all with the same settings. A keyed singleton under <c>typeof(TContext)</c>.</summary>
internal sealed class DatabaseNodeFactory(IServiceProvider services, IEnumerable<Action<IServiceProvider, NpgsqlDataSourceBuilder>> setups)
{
    /// <summary>Builds a node; the caller disposes it.</summary>
    public DatabaseNode Create(string name, string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString) { Name = name };
        foreach (var setup in setups)
            setup(services, builder);

        return new DatabaseNode(name, builder.Build());
    }
}
