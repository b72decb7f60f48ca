using System.Globalization;
using Data.Resilience.Connections;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Migrations;

/// <summary>Runs EF's migrator under the lock.</summary>
internal sealed partial class MigrationRunner<TContext>(
    IDbContextFactory<TContext> contexts,
    DatabaseNode node,
    MigrationOptions options,
    IReadOnlyList<Func<TContext, CancellationToken, Task>> seeds,
    TimeProvider time,
    ILogger<MigrationRunner<TContext>> logger) : IMigrationRunner<TContext>
    where TContext : DbContext
{
    public Task<IReadOnlyList<string>> GetPendingAsync(CancellationToken cancellationToken = default) =>
        WithContextAsync<IReadOnlyList<string>>(
            async context => await MigrationHistory.PendingAsync(context, cancellationToken).ConfigureAwait(false), cancellationToken);

    public Task<MigrationResult> UpAsync(string? target = null, CancellationToken cancellationToken = default) =>
        RunAsync(target, up: true, cancellationToken);

    public Task<MigrationResult> DownAsync(string target, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        return RunAsync(target, up: false, cancellationToken);
    }

    public Task<IReadOnlyList<SchemaDifference>> CompareSchemaAsync(CancellationToken cancellationToken = default) =>
        WithContextAsync(
            async context =>
            {
                await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                var database = await DatabaseSchema.ReadAsync((NpgsqlConnection)context.Database.GetDbConnection(), cancellationToken)
                    .ConfigureAwait(false);
                return SchemaComparison.Compare(context.GetService<IDesignTimeModel>().Model.GetRelationalModel(), database);
            },
            cancellationToken);

    private async Task<MigrationResult> RunAsync(string? target, bool up, CancellationToken cancellationToken)
    {
        var held = await MigrationLock.TakeAsync(
            NewConnection(), MigrationLock.KeyOf(typeof(TContext)), options.LockWaitTimeout, time, cancellationToken).ConfigureAwait(false);
        await using var _ = held.ConfigureAwait(false);
        if (held.Waited > TimeSpan.Zero)
            LogWaited(logger, held.Waited.TotalMilliseconds);

        return await WithContextAsync(
            async context =>
            {
                var before = await MigrationHistory.AppliedAsync(context, cancellationToken).ConfigureAwait(false);
                var stop = MigrationTarget.Resolve(target, [.. context.Database.GetMigrations()], before, up);
                if (!await held.IsHeldAsync(cancellationToken).ConfigureAwait(false))
                {
                    throw new InvalidOperationException("The migration lock's connection was lost before anything was migrated. A "
                        + "connection pooler in transaction mode cannot hold it: "
                        + "give MigrationOptions.ConnectionString a direct connection.");
                }

                await MigrateAsync(context, stop, cancellationToken).ConfigureAwait(false);
                var after = await MigrationHistory.AppliedAsync(context, cancellationToken).ConfigureAwait(false);
                var result = new MigrationResult(
                    [.. after.Except(before, StringComparer.Ordinal)],
                    [.. before.Except(after, StringComparer.Ordinal).Reverse()],
                    held.Waited);
                foreach (var name in result.Applied)
                    LogApplied(logger, name);
                foreach (var name in result.Reverted)
                    LogReverted(logger, name);
                if (up && target is null)
                    await SeedAsync(context, cancellationToken).ConfigureAwait(false);
                return result;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Each migration is a transaction of its own, so one that gave way to the application's queries is simply run again.
    /// </summary>
    private async Task MigrateAsync(TContext context, string? target, CancellationToken cancellationToken)
    {
        context.Database.SetCommandTimeout(options.StatementTimeout);
        await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var tableLock = Milliseconds(options.TableLockTimeout);
        var statement = Milliseconds(options.StatementTimeout);
        await context.Database.ExecuteSqlAsync(
            $"SELECT set_config('lock_timeout', {tableLock}, false), set_config('statement_timeout', {statement}, false)",
            cancellationToken).ConfigureAwait(false);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await MigrationHistory.CreateAsync(context, cancellationToken).ConfigureAwait(false);
                await context.GetService<IMigrator>().MigrateAsync(target, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (GaveWay(e) && attempt < options.MaxTableLockRetryAttempts)
            {
                LogGaveWay(logger, options.TableLockTimeout.TotalMilliseconds, attempt + 1, options.MaxTableLockRetryAttempts);
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(200, 1_000)), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Each seed in a transaction of its own; the strategy is the context's, whichever it has.</summary>
    private async Task SeedAsync(TContext context, CancellationToken cancellationToken)
    {
        foreach (var seed in seeds)
        {
            await context.Database.CreateExecutionStrategy().ExecuteAsync(
                async token =>
                {
                    context.ChangeTracker.Clear();
                    var transaction = await context.Database.BeginTransactionAsync(token).ConfigureAwait(false);
                    await using var ownedTransaction = transaction.ConfigureAwait(false);
                    await seed(context, token).ConfigureAwait(false);
                    await transaction.CommitAsync(token).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    // EF wraps what it takes for transient.
    private static bool GaveWay(Exception exception) =>
        (exception as PostgresException ?? exception.InnerException as PostgresException)?.SqlState == PostgresErrorCodes.LockNotAvailable;

    private NpgsqlConnection NewConnection() =>
        options.ConnectionString is { } own ? new NpgsqlConnection(own) : node.DataSource.CreateConnection();

    private async Task<TResult> WithContextAsync<TResult>(Func<TContext, Task<TResult>> work, CancellationToken cancellationToken)
    {
        var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var ownedContext = context.ConfigureAwait(false);
        var connection = NewConnection();
        await using var ownedConnection = connection.ConfigureAwait(false);
        var commandTimeout = context.Database.GetCommandTimeout();
        context.Database.SetDbConnection(connection);
        try
        {
            return await work(context).ConfigureAwait(false);
        }
        finally
        {
            // The context goes back to a pool: it must not keep what it was lent.
            context.Database.SetCommandTimeout(commandTimeout);
            await context.Database.CloseConnectionAsync().ConfigureAwait(false);
            context.Database.SetDbConnection(connection: null);
        }
    }

    [LoggerMessage(1401, LogLevel.Information, "Waited {WaitedMs:0} ms for another instance's migrations")]
    private static partial void LogWaited(ILogger logger, double waitedMs);

    [LoggerMessage(1402, LogLevel.Information, "Applied migration {Migration}")]
    private static partial void LogApplied(ILogger logger, string migration);

    [LoggerMessage(1403, LogLevel.Warning, "Reverted migration {Migration}")]
    private static partial void LogReverted(ILogger logger, string migration);

    [LoggerMessage(
        1404,
        LogLevel.Warning,
        "A migration was cancelled after waiting {TimeoutMs:0} ms for a table in use; attempt {Attempt} of {Attempts} follows")]
    private static partial void LogGaveWay(ILogger logger, double timeoutMs, int attempt, int attempts);
}
