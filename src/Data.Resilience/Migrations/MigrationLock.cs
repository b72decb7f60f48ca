using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Data.Resilience.Migrations;

/// <summary>An advisory lock on a connection of its own.</summary>
/// <remarks>
/// Taken by polling <c>pg_try_advisory_lock</c>: a session that waits inside <c>pg_advisory_lock</c> holds a snapshot, and
/// <c>CREATE INDEX CONCURRENTLY</c> in the holder's migration would wait for that snapshot, and both for ever.
/// </remarks>
internal sealed class MigrationLock : IAsyncDisposable
{
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastPoll = TimeSpan.FromSeconds(1);

    private readonly NpgsqlConnection _connection;
    private readonly long _key;

    private MigrationLock(NpgsqlConnection connection, long key, TimeSpan waited)
    {
        _connection = connection;
        _key = key;
        Waited = waited;
    }

    /// <summary>How long another instance held the lock; zero when none did.</summary>
    public TimeSpan Waited { get; }

    /// <summary>Equal for all instances of an application, different for other contexts in the same database.</summary>
    public static long KeyOf(Type contextType) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes("Data.Resilience.Migrations|" + contextType.FullName)));

    public static async Task<MigrationLock> TakeAsync(
        NpgsqlConnection connection, long key, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var started = time.GetTimestamp();
            var (delay, waited) = (FirstPoll, TimeSpan.Zero);
            while (!await ScalarAsync<bool>(connection, "SELECT pg_try_advisory_lock($1)", key, cancellationToken).ConfigureAwait(false))
            {
                waited = time.GetElapsedTime(started);
                if (waited >= timeout)
                {
                    throw new MigrationLockTimeoutException(
                        waited,
                        await DescribeHolderAsync(connection, key, cancellationToken).ConfigureAwait(false));
                }

                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
                delay = delay * 2 < LastPoll ? delay * 2 : LastPoll;
            }

            // Without another holder there was no wait, however long the question took.
            return new MigrationLock(connection, key, waited == TimeSpan.Zero ? waited : time.GetElapsedTime(started));
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Tells whether the lock is still held; false means that its connection was lost and another instance may be migrating.
    /// </summary>
    public async Task<bool> IsHeldAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ScalarAsync<bool>(
                _connection,
                """
                SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
                               AND ((classid::bigint << 32) | objid::bigint) = $1)
                """,
                _key,
                cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await using (_connection.ConfigureAwait(false))
        {
            try
            {
                await ScalarAsync<bool>(_connection, "SELECT pg_advisory_unlock($1)", _key, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
            {
                // The connection is gone, and the lock with it.
                NpgsqlConnection.ClearPool(_connection);
            }
        }
    }

    private static async Task<string> DescribeHolderAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken) =>
        await ScalarAsync<string?>(
            connection,
            """
            SELECT 'backend ' || l.pid || ', application ' || COALESCE(NULLIF(a.application_name, ''), 'unnamed')
              || ', since ' || a.backend_start
            FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND ((l.classid::bigint << 32) | l.objid::bigint) = $1 LIMIT 1
            """,
            key,
            cancellationToken).ConfigureAwait(false) ?? "it has just finished";

    private static async Task<TResult> ScalarAsync<TResult>(
        NpgsqlConnection connection,
        string sql,
        long key,
        CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = key } } };
        await using var _ = command.ConfigureAwait(false);
        var value = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        return value is null or DBNull ? default! : (TResult)value;
    }
}
