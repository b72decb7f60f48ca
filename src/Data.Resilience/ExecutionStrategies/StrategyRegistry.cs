using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Data.Resilience.Retry;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>
/// Keeps one node per data source or connection string, so that circuit and budget are shared by all contexts over it, and one set of
/// services per context type.
/// </summary>
/// <remarks>Safe for concurrent use. One per service container of the application; contexts made without one share another.</remarks>
internal sealed class StrategyRegistry
{
    private static readonly ConditionalWeakTable<object, StrategyRegistry> OfContainers = [];
    private static readonly StrategyRegistry OfNone = new();

    private readonly ConcurrentDictionary<object, Lazy<DatabaseNode>> _nodes = new();
    private readonly ConcurrentDictionary<(Type, object), StrategyServices> _services = new();

    /// <summary>Returns the services for a context.</summary>
    /// <param name="context">The context.</param>
    /// <param name="source">Its data source, or its connection string.</param>
    /// <param name="options">The settings with which the context was configured.</param>
    public static StrategyServices Find(DbContext context, object source, ExecutionStrategyOptions options)
    {
        var application = context.GetService<IDbContextOptions>().FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider;
        // Equal for all scopes of a container.
        var container = application?.GetService<IServiceScopeFactory>();
        var registry = container is null ? OfNone : OfContainers.GetValue(container, static _ => new StrategyRegistry());
        return registry._services.GetOrAdd(
            (context.GetType(), source),
            static (key, state) => state.Registry.Create(state.Context, key.Item2, state.Options, state.Application),
            (Registry: registry, Context: context, Options: options, Application: application));
    }

    private StrategyServices Create(DbContext context, object source, ExecutionStrategyOptions options, IServiceProvider? application)
    {
        var shared = (application as IKeyedServiceProvider)?.GetKeyedService(typeof(SessionServices), context.GetType());
        if (shared is SessionServices session)
            return new StrategyServices(session, options.VerifySingleStatements);

        var loggers = application?.GetService<ILoggerFactory>() ?? context.GetService<ILoggerFactory>();
        var logger = loggers.CreateLogger("Data.Resilience");
#pragma warning disable RS0030 // The default of the registration.
        var time = application?.GetService<TimeProvider>() ?? TimeProvider.System;
#pragma warning restore RS0030
        var retry = options.Retry;
        var backoff = new Backoff(retry.BaseDelay, retry.MaxDelay, retry.Seed);
        var opener = new ConnectionOpener();
        var node = _nodes.GetOrAdd(source, key => new Lazy<DatabaseNode>(() => CreateNode(context, key, options, time, logger)));
        return new StrategyServices(
            new SessionServices
            {
                Primary = node.Value,
                Opener = opener,
                Verifier = new CommitVerifier(opener, backoff, time),
                Retry = retry,
                Backoff = backoff,
                Time = time,
                Logger = logger,
            },
            options.VerifySingleStatements);
    }

    private static DatabaseNode CreateNode(
        DbContext context, object source, ExecutionStrategyOptions options, TimeProvider time, ILogger logger)
    {
        var name = options.Name ?? context.GetType().Name;
        var factory = new DatabaseNodeFactory(options.Settings, time, logger, static _ => { });
        return source is NpgsqlDataSource dataSource ? factory.Create(name, dataSource) : factory.Create(name, (string)source);
    }
}
