using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.DependencyInjection;

/// <summary>A contributor of this package with options: how its check is created, and its kind.</summary>
internal sealed record BuiltIn<TOptions>(Func<IServiceProvider, TOptions, IHealthCheck> Create, BuiltInKind Kind);
