using System.Collections.Frozen;
using Data.Resilience.Connections;
using Data.Resilience.Replicas;
using Data.Resilience.Sessions;
using Data.Resilience.Sharding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.DependencyInjection;

/// <summary>Registers one router per context, over its shards and over the replicas of each.</summary>
internal static class RouterRegistration
{
    /// <summary>Registers the router with what it needs; once, whichever of shards and replicas is added first.</summary>
    public static void AddRouting<TContext>(this DataResilienceBuilder<TContext> builder)
        where TContext : DbContext
    {
        var services = builder.Services;
        var key = typeof(TContext);
        if (services.Any(service => service.ServiceType == typeof(ISessionRouter) && Equals(service.ServiceKey, key)))
            return;

        var name = builder.OptionsName;
        services.AddKeyedSingleton(key, (provider, _) => new ReplicaMonitors(CreateMonitors<TContext>(provider, name)));
        services.AddKeyedSingleton(key, (provider, _) => CreateRouter<TContext>(provider, name));
        services.AddSingleton<IReplicaMonitor<TContext>>(static provider =>
            new ReplicaMonitorOfContext<TContext>(provider.GetRequiredKeyedService<ReplicaMonitors>(typeof(TContext))));
        services.AddSingleton<IHostedService>(
            static provider => new ReplicaStartup(provider.GetRequiredKeyedService<ReplicaMonitors>(typeof(TContext))));
    }

    private static ISessionRouter CreateRouter<TContext>(IServiceProvider provider, string name)
        where TContext : DbContext
    {
        var key = typeof(TContext);
        var options = provider.GetOptions<ReplicaOptions>(name);
        var monitors = provider.GetRequiredKeyedService<ReplicaMonitors>(key).All;
        return provider.GetKeyedService<ShardNodes>(key) is not { } shards
            ? new ReplicaRouter(monitors.Single(), options)
            : new ShardRouter(
                provider.GetRequiredKeyedService<DatabaseNode>(key),
                shards,
                provider.GetRequiredKeyedService<IShardMap>(key),
                monitors.ToFrozenDictionary(static monitor => monitor.Primary, monitor => new ReplicaRouter(monitor, options)));
    }

    private static IEnumerable<ReplicaMonitor> CreateMonitors<TContext>(IServiceProvider provider, string name)
        where TContext : DbContext
    {
        var key = typeof(TContext);
        var options = provider.GetOptions<ReplicaOptions>(name);
        if (options.ConnectionStrings.Count > 0)
        {
            var primary = provider.GetRequiredKeyedService<DatabaseNode>(key);
            yield return CreateMonitor<TContext>(provider, primary, options.ConnectionStrings, options);
        }

        if (provider.GetKeyedService<ShardNodes>(key) is not { } shards)
            yield break;

        foreach (var (shard, connectionStrings) in provider.GetOptions<ShardOptions>(name).Replicas)
            yield return CreateMonitor<TContext>(provider, shards.ByName[shard], connectionStrings, options);
    }

    private static ReplicaMonitor CreateMonitor<TContext>(
        IServiceProvider provider, DatabaseNode primary, IEnumerable<string> connectionStrings, ReplicaOptions options)
        where TContext : DbContext
    {
        var nodes = provider.GetRequiredKeyedService<DatabaseNodeFactory>(typeof(TContext));
        return new ReplicaMonitor(
            primary,
            connectionStrings.Select(
                (connectionString, i) => nodes.Create(FormattableString.Invariant($"{primary.Name}-replica-{i + 1}"), connectionString)),
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ReplicaMonitor>>());
    }
}
