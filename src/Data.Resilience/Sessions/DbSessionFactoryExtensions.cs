using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>
/// The everyday forms of <see cref="IDbSessionFactory{TContext}"/>: read, write, with and without result, and raw over Npgsql.
/// </summary>
/// <remarks>
/// Each behaves as <see cref="IDbSessionFactory{TContext}.ExecuteAsync"/> and throws what it throws. The work may run several times.
/// </remarks>
public static class DbSessionFactoryExtensions
{
    extension<TContext>(IDbSessionFactory<TContext> factory)
        where TContext : DbContext
    {
        /// <summary>Runs a unit of work in a transaction and commits it exactly once.</summary>
        /// <typeparam name="TResult">What the work returns.</typeparam>
        /// <param name="work">The work; runs once per attempt.</param>
        /// <param name="options">Settings of this session; null means the configured ones.</param>
        /// <param name="cancellationToken">Ends the session; never retried.</param>
        /// <returns>The result of the attempt that was committed.</returns>
        public ValueTask<TResult> WriteAsync<TResult>(
            Func<IDbSession<TContext>, CancellationToken, Task<TResult>> work,
            DbSessionOptions? options = null,
            CancellationToken cancellationToken = default) =>
            factory.ExecuteAsync(
                DbSessionKind.Write,
                static (session, work, token) => work(session, token),
                NotNull(work),
                options,
                cancellationToken);

        /// <summary>Runs a unit of work without result in a transaction and commits it exactly once.</summary>
        /// <param name="work">The work; runs once per attempt.</param>
        /// <param name="options">Settings of this session; null means the configured ones.</param>
        /// <param name="cancellationToken">Ends the session; never retried.</param>
        /// <returns>A task that completes when the transaction is committed.</returns>
        public async ValueTask WriteAsync(
            Func<IDbSession<TContext>, CancellationToken, Task> work,
            DbSessionOptions? options = null,
            CancellationToken cancellationToken = default) =>
            await factory.ExecuteAsync(
                DbSessionKind.Write,
                static (session, work, token) => Resultless(work(session, token)),
                NotNull(work),
                options,
                cancellationToken).ConfigureAwait(false);

        /// <summary>Runs queries without tracking, on a replica when the options allow it.</summary>
        /// <typeparam name="TResult">What the work returns.</typeparam>
        /// <param name="work">The work; runs once per attempt.</param>
        /// <param name="options">Settings of this session; null means the configured ones.</param>
        /// <param name="cancellationToken">Ends the session; never retried.</param>
        /// <returns>The work's result.</returns>
        public ValueTask<TResult> ReadAsync<TResult>(
            Func<IDbSession<TContext>, CancellationToken, Task<TResult>> work,
            DbSessionOptions? options = null,
            CancellationToken cancellationToken = default) =>
            factory.ExecuteAsync(
                DbSessionKind.Read,
                static (session, work, token) => work(session, token),
                NotNull(work),
                options,
                cancellationToken);

        /// <summary>Runs a unit of work over a bare connection in a transaction and commits it exactly once.</summary>
        /// <typeparam name="TResult">What the work returns.</typeparam>
        /// <param name="work">The work; gets the open connection, on which a transaction runs. Runs once per attempt.</param>
        /// <param name="options">Settings of this session; null means the configured ones.</param>
        /// <param name="cancellationToken">Ends the session; never retried.</param>
        /// <returns>The result of the attempt that was committed.</returns>
        [OverloadResolutionPriority(1)]
        public ValueTask<TResult> WriteRawAsync<TResult>(
            Func<NpgsqlConnection, CancellationToken, Task<TResult>> work,
            DbSessionOptions? options = null,
            CancellationToken cancellationToken = default) =>
            factory.ExecuteAsync(
                DbSessionKind.Write,
                static (session, work, token) => work(session.Connection, token),
                NotNull(work),
                options,
                cancellationToken);

        /// <summary>Runs a unit of work over a bare connection in a transaction and commits it exactly once.</summary>
        /// <typeparam name="TResult">What the work returns.</typeparam>
        /// <param name="work">The work; gets the session, with its connection, its hooks and its savepoints. Runs once per attempt.</param>
        /// <param name="options">Settings of this session; null means the configured ones.</param>
        /// <param name="cancellationToken">Ends the session; never retried.</param>
        /// <returns>The result of the attempt that was committed.</returns>
        /// <remarks>A lambda that fits both forms is taken for one of the connection.</remarks>
        public ValueTask<TResult> WriteRawAsync<TResult>(
            Func<IDbSession, CancellationToken, Task<TResult>> work,
            DbSessionOptions? options = null,
            CancellationToken cancellationToken = default) =>
            factory.ExecuteAsync(
                DbSessionKind.Write,
                static (session, work, token) => work(session, token),
                NotNull(work),
                options,
                cancellationToken);

        /// <summary>Runs queries over a bare connection.</summary>
        /// <typeparam name="TResult">What the work returns.</typeparam>
        /// <param name="work">The work; gets the open connection. It must only read: it may be repeated at any point. Runs once per
        /// attempt.</param>
        /// <param name="options">Settings of this session; null means the configured ones.</param>
        /// <param name="cancellationToken">Ends the session; never retried.</param>
        /// <returns>The work's result.</returns>
        [OverloadResolutionPriority(1)]
        public ValueTask<TResult> ReadRawAsync<TResult>(
            Func<NpgsqlConnection, CancellationToken, Task<TResult>> work,
            DbSessionOptions? options = null,
            CancellationToken cancellationToken = default) =>
            factory.ExecuteAsync(
                DbSessionKind.Read,
                static (session, work, token) => work(session.Connection, token),
                NotNull(work),
                options,
                cancellationToken);

        /// <summary>Runs queries over a bare connection.</summary>
        /// <typeparam name="TResult">What the work returns.</typeparam>
        /// <param name="work">The work; gets the session, with its connection. It must only read: it may be repeated at any point. Runs
        /// once per attempt.</param>
        /// <param name="options">Settings of this session; null means the configured ones.</param>
        /// <param name="cancellationToken">Ends the session; never retried.</param>
        /// <returns>The work's result.</returns>
        /// <remarks>A lambda that fits both forms is taken for one of the connection.</remarks>
        public ValueTask<TResult> ReadRawAsync<TResult>(
            Func<IDbSession, CancellationToken, Task<TResult>> work,
            DbSessionOptions? options = null,
            CancellationToken cancellationToken = default) =>
            factory.ExecuteAsync(
                DbSessionKind.Read,
                static (session, work, token) => work(session, token),
                NotNull(work),
                options,
                cancellationToken);
    }

    private static TWork NotNull<TWork>(TWork work)
        where TWork : class
    {
        ArgumentNullException.ThrowIfNull(work);
        return work;
    }

    private static async Task<bool> Resultless(Task work)
    {
        await work.ConfigureAwait(false);
        return true;
    }
}
