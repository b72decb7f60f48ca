using Data.Resilience.Interceptors;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Data.Resilience.Repositories;

/// <summary>One bulk insert by binary COPY.</summary>
internal sealed class BulkInsert<T>
    where T : class
{
    private readonly DbContext _context;
    private readonly NpgsqlConnection _connection;
    private readonly BulkInsertOptions _options;
    private readonly TimeProvider _time;
    private readonly TableMap<T> _map;
    private readonly TableColumn<T>[] _generated;
    private readonly TableColumn<T>[] _clientKeys;
    private long _written;

    public BulkInsert(DbContext context, BulkInsertOptions options, TimeProvider time)
    {
        if (options.BatchSize is < 1 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(options), options.BatchSize, "BatchSize must be 1 to 1,000,000.");
        _context = context;
        _connection = (NpgsqlConnection)context.Database.GetDbConnection();
        _options = options;
        _time = time;
        _map = TableMap<T>.Of(context);
        _generated = [.. _map.Columns.Where(c => c.IsStoreGenerated)];
        _clientKeys = [.. _map.Columns.Where(c => c.IsKey && c.IsClientGenerated)];
    }

    public Task<long> RunAsync(IEnumerable<T> entities, CancellationToken cancellationToken) => InTransactionAsync(
        async staging =>
        {
            foreach (var batch in entities.Chunk(_options.BatchSize))
                await WriteBatchAsync(batch, staging, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<long> RunAsync(IAsyncEnumerable<T> entities, CancellationToken cancellationToken) => InTransactionAsync(
        async staging =>
        {
            await foreach (var batch in entities.Chunk(_options.BatchSize).WithCancellation(cancellationToken).ConfigureAwait(false))
                await WriteBatchAsync(batch, staging, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    private async Task<long> InTransactionAsync(Func<bool, Task> write, CancellationToken cancellationToken)
    {
        ContextOwner.Of(_context).EnsureCurrent();
        await _context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // All batches or none: a session has a transaction already, a bare context gets one here.
            var own = _context.Database.CurrentTransaction is null
                ? await _context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false)
                : null;
            await using (own as IAsyncDisposable ?? NoTransaction.Instance)
            {
                await write(await NeedsStagingAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
                if (own is not null)
                    await own.CommitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await _context.Database.CloseConnectionAsync().ConfigureAwait(false);
        }

        return _written;
    }

    /// <summary>PostgreSQL refuses COPY FROM where row-level security applies to the role (0A000), but not INSERT … SELECT.</summary>
    private async Task<bool> NeedsStagingAsync(CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("SELECT row_security_active($1)", _connection)
        {
            Parameters = { new() { Value = _map.QualifiedName } }
        };
        await using var _ = command.ConfigureAwait(false);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private async Task WriteBatchAsync(T[] batch, bool staging, CancellationToken cancellationToken)
    {
        if (_map.EntityType.GetDirectlyDerivedTypes().Any() && Array.Find(batch, e => e.GetType() != typeof(T)) is { } derived)
            throw TableMap<T>.Unsupported($"a {derived.GetType().Name} is among the entities; insert each type by itself");
        var now = Timestamps.Now(_time);
        foreach (var entity in batch)
            Prepare(entity, now);
        if (_options.ReturnKeys)
            await GeneratedKeys.AssignAsync(_map, _connection, batch, cancellationToken).ConfigureAwait(false);

        foreach (var group in GroupByUnset(batch))
        {
            var columns = _map.Columns.Where(c => !IsLeftOut(c, group.Key)).ToArray();
            if (staging)
                await StageAsync(columns, group.Value, cancellationToken).ConfigureAwait(false);
            else
                await CopyAsync(_map.QualifiedName, columns, group.Value, cancellationToken).ConfigureAwait(false);
        }

        _written += batch.Length;
        _options.Progress?.Invoke(_written);
    }

    private void Prepare(T entity, DateTimeOffset now)
    {
        Timestamps.Added(entity, now);
        foreach (var key in _clientKeys)
        {
            if (key.IsUnset(entity))
                key.Property.PropertyInfo!.SetValue(entity, Guid.CreateVersion7());
        }
    }

    /// <summary>A COPY names its columns once, so entities that leave different columns to the database go by different COPYs.</summary>
    private List<KeyValuePair<ulong, IReadOnlyList<T>>> GroupByUnset(T[] batch)
    {
        if (_generated.Length == 0)
            return [new(0, batch)];
        if (_generated.Length > 64)
            throw TableMap<T>.Unsupported("it has more than 64 generated columns");
        var first = Unset(batch[0]);
        if (Array.TrueForAll(batch, e => Unset(e) == first))
            return [new(first, batch)];
        return [.. batch.GroupBy(Unset).Select(g => new KeyValuePair<ulong, IReadOnlyList<T>>(g.Key, [.. g]))];
    }

    private ulong Unset(T entity)
    {
        var mask = 0UL;
        for (var i = 0; i < _generated.Length; i++)
        {
            if (_generated[i].IsUnset(entity))
                mask |= 1UL << i;
        }

        return mask;
    }

    private bool IsLeftOut(TableColumn<T> column, ulong unset)
    {
        var index = Array.IndexOf(_generated, column);
        return index >= 0 && (unset & (1UL << index)) != 0;
    }

    private async Task StageAsync(TableColumn<T>[] columns, IReadOnlyList<T> entities, CancellationToken cancellationToken)
    {
        const string Staging = "data_resilience_bulk";
        var names = string.Join(", ", columns.Select(c => c.Name));
        await ExecuteAsync(
            $"CREATE TEMP TABLE {Staging} ON COMMIT DROP AS SELECT {names} FROM {_map.QualifiedName} WITH NO DATA",
            cancellationToken)
            .ConfigureAwait(false);
        await CopyAsync($"pg_temp.{Staging}", columns, entities, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(
            $"INSERT INTO {_map.QualifiedName} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM pg_temp.{Staging}; DROP TABLE "
            + $"pg_temp.{Staging}",
            cancellationToken).ConfigureAwait(false);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, _connection);
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task<ulong> CopyAsync(string table, TableColumn<T>[] columns, IReadOnlyList<T> entities, CancellationToken cancellationToken)
    {
        var sql = $"COPY {table} ({string.Join(", ", columns.Select(c => c.Name))}) FROM STDIN (FORMAT BINARY)";
        return DirectCommand.ObserveAsync(
            _context,
            sql,
            () => CopyAsync(sql, Array.ConvertAll(columns, c => c.Copy), entities, cancellationToken),
            static rows => (long)rows);
    }

    private async Task<ulong> CopyAsync(
        string sql,
        Func<NpgsqlBinaryImporter, T, CancellationToken, Task>[] writers,
        IReadOnlyList<T> entities,
        CancellationToken cancellationToken)
    {
        var importer = await _connection.BeginBinaryImportAsync(sql, cancellationToken).ConfigureAwait(false);
        await using var _ = importer.ConfigureAwait(false);
        foreach (var entity in entities)
        {
            await importer.StartRowAsync(cancellationToken).ConfigureAwait(false);
            foreach (var write in writers)
            {
                // Nearly every write only fills the buffer; awaiting a completed task for each would cost more than the write.
                var writing = write(importer, entity, cancellationToken);
                if (!writing.IsCompletedSuccessfully)
                    await writing.ConfigureAwait(false);
            }
        }

        return await importer.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed class NoTransaction : IAsyncDisposable
    {
        public static readonly NoTransaction Instance = new();

        public ValueTask DisposeAsync() => default;
    }
}
