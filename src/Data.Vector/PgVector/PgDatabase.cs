using System.Data.Common;
using System.Net.Sockets;
using Data.Vector.Telemetry;
using Microsoft.Extensions.Logging;

namespace Data.Vector.PgVector;

/// <summary>Calls of a PostgreSQL database: with deadlines, retries where they are safe, and errors as typed exceptions.</summary>
internal sealed class PgDatabase(
    DbDataSource source,
    PgVectorStoreOptions options,
    IVectorTenant? tenant,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>The database's name in metrics and traces.</summary>
    public const string System = "postgresql";

    private const int MaxTenantLength = 200;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30), CancelPatience = TimeSpan.FromSeconds(1);

    /// <summary>Runs work on the rows of a collection, for the tenant of the call.</summary>
    /// <param name="table">The collection's table.</param>
    /// <param name="repeatable">Whether the work can be done twice safely.</param>
    /// <param name="work">The work; called again for a retry.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public Task<T> RunAsync<T>(PgTable table, bool repeatable, Func<PgSession, Task<T>> work, CancellationToken cancellationToken) =>
        RunAsync(table.Collection, TenantOfCall(), repeatable, work, cancellationToken);

    /// <summary>Runs work that concerns no rows.</summary>
    /// <param name="collection">The collection that it concerns; null when it concerns none.</param>
    /// <param name="repeatable">Whether the work can be done twice safely.</param>
    /// <param name="work">The work; called again for a retry.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public Task<T> RunAsync<T>(
        string? collection,
        bool repeatable,
        Func<PgSession, Task<T>> work,
        CancellationToken cancellationToken) => RunAsync(collection, tenantOfCall: null, repeatable, work, cancellationToken);

    private async Task<T> RunAsync<T>(
        string? collection,
        KeyValuePair<string, string>? tenantOfCall,
        bool repeatable,
        Func<PgSession, Task<T>> work,
        CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await RunOnceAsync(collection, tenantOfCall, work, cancellationToken).ConfigureAwait(false);
            }
            catch (VectorStoreUnavailableException exception) when (attempt < options.MaxRetryAttempts
                && (repeatable || exception.NothingDone))
            {
                var delay = options.RetryDelay * Math.Pow(2, attempt) * (1 - (Random.Shared.NextDouble() / 2));
                VectorTelemetry.StatementRepeated(System);
                VectorLog.RequestRepeated(logger, PgErrors.Server, attempt + 1, delay, exception);
                await Task.Delay(delay < LongestDelay ? delay : LongestDelay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<T> RunOnceAsync<T>(
        string? collection,
        KeyValuePair<string, string>? tenantOfCall,
        Func<PgSession, Task<T>> work,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var deadline = new CancellationTokenSource(options.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var isConnected = false;
        try
        {
            return await OrAbandonAsync(CallAsync, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VectorStoreUnavailableException(
                $"{PgErrors.Server} did not respond within {options.RequestTimeout.TotalSeconds:0.###} s.",
                exception)
            {
                NothingDone = !isConnected,
            };
        }
        catch (Exception exception) when (exception is DbException or IOException or SocketException or TimeoutException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw PgErrors.From(exception, collection, isConnected);
        }

        async Task<T> CallAsync(CancellationToken cancel)
        {
            var connection = await source.OpenConnectionAsync(cancel).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            isConnected = true;
            return await work(new PgSession(connection, tenantOfCall, deadline, options.RequestTimeout, cancel)).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a call until it is stopped, and for a moment longer while it ends.</summary>
    /// <remarks>
    /// A cancelled call asks the server to cancel the statement, which blocks without limit when the server is frozen. Such a call is left
    /// alone: it ends, and its connection with it, when the server answers or the system closes the connection.
    /// </remarks>
    private async Task<T> OrAbandonAsync<T>(Func<CancellationToken, Task<T>> start, CancellationToken stop)
    {
        // The driver blocks in this token's callbacks, so nothing else may wait for them, and it is not disposed here.
        var cancel = new CancellationTokenSource();
        var call = start(cancel.Token);
        try
        {
            return await call.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!call.IsCompleted)
        {
            _ = cancel.CancelAsync();
            _ = call.ContinueWith(
                static ended => ended.Exception,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            await Task.WhenAny(call, Task.Delay(CancelPatience, time, CancellationToken.None)).ConfigureAwait(false);
            if (call.IsCompleted)
                return await call.ConfigureAwait(false);

            throw;
        }
    }

    private KeyValuePair<string, string>? TenantOfCall()
    {
        if (tenant is null)
            return null;

        var current = tenant.Current;
        return current is { Length: > 0 and <= MaxTenantLength } && !PgText.HoldsNull(current)
            ? new KeyValuePair<string, string>(options.TenantSetting!, current)
            : throw new VectorInputException(
                $"The tenant of the call {(current is null ? "is not known" : $"has {current.Length} characters")}; a tenant has 1 to "
                + $"{MaxTenantLength} characters, without U+0000.");
    }
}
