using Data.Resilience;
using Data.Resilience.ExecutionStrategies;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Gives contexts that the application uses directly an execution strategy with the retries of sessions.</summary>
public static class ExecutionStrategyOptionsBuilderExtensions
{
    /// <summary>
    /// Retries what is safe to retry and verifies commits whose answer was lost, without a change to the code that uses the context.
    /// </summary>
    /// <param name="optionsBuilder">The context's options, before or after <c>UseNpgsql</c>.</param>
    /// <param name="configure">Sets the options; null for the defaults. Called each time that options are built.</param>
    /// <returns><paramref name="optionsBuilder"/>.</returns>
    /// <remarks>
    /// <para>Takes the place of <c>EnableRetryOnFailure</c>. Circuit and retry budget are those of <c>AddDataResilience</c> when the
    /// context is registered by it; else contexts over the same data source or connection string share one of each.</para>
    /// <para>A delegate given to <c>Database.CreateExecutionStrategy()</c> may run several times, each query and SaveChanges too. A query's
    /// result is buffered. A transaction costs one round trip more, for its mark; reads cost none. Inside a session the strategy does
    /// nothing.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="optionsBuilder"/> is null.</exception>
    /// <exception cref="OptionsValidationException">A setting is out of range.</exception>
    /// <example>
    /// <code>
    /// using Microsoft.EntityFrameworkCore;
    ///
    /// services.AddDbContext&lt;ShopContext&gt;(o => o.UseNpgsql("Host=localhost;Database=shop").UseDataResilience());
    ///
    /// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
    /// </code>
    /// </example>
    public static DbContextOptionsBuilder UseDataResilience(
        this DbContextOptionsBuilder optionsBuilder, Action<ExecutionStrategyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(optionsBuilder);
        var options = new ExecutionStrategyOptions();
        configure?.Invoke(options);
        var failures = DataResilienceOptionsValidator.FindFailures(options.Settings);
        if (failures.Count > 0)
            throw new OptionsValidationException(nameof(ExecutionStrategyOptions), typeof(ExecutionStrategyOptions), failures);

        new NpgsqlDbContextOptionsBuilder(optionsBuilder)
            .ExecutionStrategy(dependencies => new ResilientExecutionStrategy(dependencies, options));
        if (optionsBuilder.Options.FindExtension<StrategyExtension>() is null)
        {
            ((IDbContextOptionsBuilderInfrastructure)optionsBuilder).AddOrUpdateExtension(new StrategyExtension());
            optionsBuilder.AddInterceptors(TransactionObserver.Instance, SaveChangesObserver.Instance);
        }

        return optionsBuilder;
    }

    /// <inheritdoc cref="UseDataResilience(DbContextOptionsBuilder, Action{ExecutionStrategyOptions})"/>
    /// <typeparam name="TContext">The context.</typeparam>
    public static DbContextOptionsBuilder<TContext> UseDataResilience<TContext>(
        this DbContextOptionsBuilder<TContext> optionsBuilder, Action<ExecutionStrategyOptions>? configure = null)
        where TContext : DbContext =>
        (DbContextOptionsBuilder<TContext>)UseDataResilience((DbContextOptionsBuilder)optionsBuilder, configure);

    /// <summary>Does the same inside the call of <c>UseNpgsql</c>.</summary>
    /// <param name="npgsqlOptionsBuilder">The provider's options.</param>
    /// <param name="configure">Sets the options; null for the defaults. Called each time that options are built.</param>
    /// <returns><paramref name="npgsqlOptionsBuilder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="npgsqlOptionsBuilder"/> is null.</exception>
    /// <exception cref="OptionsValidationException">A setting is out of range.</exception>
    public static NpgsqlDbContextOptionsBuilder UseDataResilience(
        this NpgsqlDbContextOptionsBuilder npgsqlOptionsBuilder, Action<ExecutionStrategyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(npgsqlOptionsBuilder);
        UseDataResilience(((IRelationalDbContextOptionsBuilderInfrastructure)npgsqlOptionsBuilder).OptionsBuilder, configure);
        return npgsqlOptionsBuilder;
    }
}
