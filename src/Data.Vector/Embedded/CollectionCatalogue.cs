using Data.Vector.Storage;
using Data.Vector.Telemetry;
using Microsoft.Extensions.Logging;

namespace Data.Vector.Embedded;

/// <summary>The collections of a store, open or not; holds the lock of the folder from the first call until disposal.</summary>
/// <remarks>Safe for concurrent use. Only the first call, which reads the manifests, holds up others.</remarks>
internal sealed class CollectionCatalogue : IAsyncDisposable
{
    private readonly string? _root;
    private readonly CollectionLoader _loader;
    private readonly int _mostOpen;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer? _idleTimer;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, CatalogueEntry> _collections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VectorStoreCorruptException> _damaged = new(StringComparer.Ordinal);
    private StoreLock? _lock;
    private int _closing;
    private volatile bool _disposed;

    public CollectionCatalogue(EmbeddedVectorStoreOptions options, CollectionLoader loader, TimeProvider time, ILogger logger)
    {
        _root = options.Path is null ? null : Path.GetFullPath(options.Path);
        _loader = loader;
        _mostOpen = options.MaxOpenCollections;
        _time = time;
        _logger = logger;
        _idleTimer = options.Path is not null && options.CloseIdleAfter is { } idle
            ? time.CreateTimer(static state => _ = ((CollectionCatalogue)state!).CloseIdleAsync(int.MaxValue), this, idle, idle)
            : null;
    }

    /// <summary>Returns the names of the collections that can be opened.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
            return [.. _collections.Values.Where(static entry => entry.Exists).Select(static entry => entry.Name)];
    }

    /// <summary>Returns what works less well than it should in the collections that are open.</summary>
    public IReadOnlyList<string> Warnings()
    {
        lock (_gate)
            return [.. _collections.Values.SelectMany(static entry => entry.Warnings)];
    }

    /// <summary>Returns the collection of a name; null when it does not exist.</summary>
    /// <exception cref="VectorStoreCorruptException">Its manifest is damaged.</exception>
    public async Task<CatalogueEntry?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
            return Find(name);
    }

    /// <summary>Returns the collection of a name, open.</summary>
    /// <exception cref="VectorCollectionNotFoundException">It does not exist.</exception>
    public async Task<CatalogueEntry> OpenAsync(string name, CancellationToken cancellationToken)
    {
        var entry = await FindAsync(name, cancellationToken).ConfigureAwait(false)
            ?? throw new VectorCollectionNotFoundException($"Collection '{name}' does not exist.");
        await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
        return entry;
    }

    /// <summary>Creates a collection.</summary>
    /// <exception cref="VectorCollectionExistsException">It exists.</exception>
    public async Task<CatalogueEntry> CreateAsync(string name, VectorCollectionOptions options, CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        CatalogueEntry entry;
        lock (_gate)
        {
            if (Find(name) is not null)
                throw new VectorCollectionExistsException($"Collection '{name}' already exists.");

            entry = NewEntry(name, options, null);
            _collections.Add(name, entry);
        }

        try
        {
            return await DiskFailure.TranslateAsync(_root, async () =>
            {
                await entry.CreateAsync(_root).ConfigureAwait(false);
                return entry;
            }).ConfigureAwait(false);
        }
        catch
        {
            lock (_gate)
                _collections.Remove(name);

            throw;
        }
    }

    /// <summary>Closes a collection and deletes its folder, also when it is damaged; false when it did not exist.</summary>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        CatalogueEntry? found;
        lock (_gate)
            _collections.TryGetValue(name, out found);

        if (found is null)
        {
            return _root is not null
                && await DeleteDamagedAsync(CollectionFolder.FolderName(name), cancellationToken).ConfigureAwait(false);
        }

        var ended = await DiskFailure.TranslateAsync(_root, () => found.EndAsync("was deleted", () =>
        {
            // While its turn lasts, so that a new collection of the name finds the folder gone.
            try
            {
                if (found.Folder is { } folder)
                    CollectionFolder.Delete(_root!, folder);
            }
            finally
            {
                lock (_gate)
                    _collections.Remove(name);
            }
        })).ConfigureAwait(false);
        return ended;
    }

    /// <summary>Returns the folders whose collection cannot be opened, and why.</summary>
    public async Task<IReadOnlyList<DamagedVectorCollection>> DamagedAsync(CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            var opened = _collections.Values.Where(static entry => entry is { Exists: true, Damage: not null })
                .Select(static entry => new DamagedVectorCollection(Path.GetFileName(entry.Folder!), entry.Name, entry.Damage!));
            return
            [
                .. _damaged.Select(static entry => new DamagedVectorCollection(entry.Key, null, entry.Value))
                    .Concat(opened)
                    .OrderBy(static damaged => damaged.Folder, StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>Deletes a folder whose collection cannot be opened; false when it is none.</summary>
    public async Task<bool> DeleteDamagedAsync(string folder, CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken).ConfigureAwait(false);
        string? name;
        lock (_gate)
        {
            name = _collections.Values.FirstOrDefault(entry => entry.Damage is not null && Path.GetFileName(entry.Folder) == folder)?.Name;
            if (name is null && !_damaged.Remove(folder))
                return false;
        }

        return name is not null
            ? await DeleteAsync(name, cancellationToken).ConfigureAwait(false)
            : await DiskFailure.TranslateAsync(_root, () =>
            {
                CollectionFolder.Delete(_root!, Path.Combine(_root!, folder));
                return Task.FromResult(true);
            }).ConfigureAwait(false);
    }

    /// <summary>Waits for the writes that run, closes all collections, and releases the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_idleTimer is not null)
            await _idleTimer.DisposeAsync().ConfigureAwait(false);

        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            CatalogueEntry[] entries;
            lock (_gate)
            {
                _disposed = true;
                entries = [.. _collections.Values];
                _collections.Clear();
            }

            // All are closed, whatever becomes of one; then the first failure is told.
            var closing = Task.WhenAll(entries.Select(static entry => entry.DisposeAsync().AsTask()));
            await closing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _lock?.Dispose();
            _lock = null;
            await closing.ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private CatalogueEntry? Find(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(EmbeddedVectorStore));
        if (_collections.TryGetValue(name, out var found))
            return found;

        return _root is not null && _damaged.TryGetValue(CollectionFolder.FolderName(name), out var damage)
            ? throw new VectorStoreCorruptException($"Collection '{name}' cannot be opened: {damage.Message}", damage)
            : null;
    }

    private CatalogueEntry NewEntry(string name, VectorCollectionOptions options, string? folder) =>
        new(name, options, folder, _loader, MakeRoomAsync, _time);

    private Task MakeRoomAsync(CatalogueEntry opening)
    {
        if (_root is null)
            return Task.CompletedTask;

        int open;
        lock (_gate)
            open = _collections.Values.Count(static entry => entry.IsOpen);

        return open < _mostOpen ? Task.CompletedTask : CloseIdleAsync(open + 1 - _mostOpen);
    }

    /// <summary>Closes collections that have not been used since the last time, some of them or all.</summary>
    private async Task CloseIdleAsync(int wanted)
    {
        if (Interlocked.Exchange(ref _closing, 1) != 0)
            return;

        try
        {
            // Those that were used since are forgiven once; where that leaves too few, the second round takes them.
            for (var round = 0; round < (wanted == int.MaxValue ? 1 : 2) && wanted > 0; round++)
            {
                CatalogueEntry[] entries;
                lock (_gate)
                    entries = [.. _collections.Values.Where(static entry => entry.IsOpen)];

                foreach (var entry in entries)
                {
                    if (wanted > 0 && await CloseAsync(entry).ConfigureAwait(false))
                        wanted--;
                }
            }
        }
        finally
        {
            Volatile.Write(ref _closing, 0);
        }
    }

    private async Task<bool> CloseAsync(CatalogueEntry entry)
    {
        try
        {
            return await entry.CloseIfIdleAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is DataVectorException || DurableFile.IsFailure(exception))
        {
            // Nobody called it; the next call opens it again and hears what is left to hear.
            VectorLog.IdleCloseFailed(_logger, entry.Name, exception);
            return true;
        }
    }

    /// <summary>Opens the folder at the first call.</summary>
    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, typeof(EmbeddedVectorStore));
        if (_root is null || Volatile.Read(ref _lock) is not null)
            return;

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(EmbeddedVectorStore));
            if (_lock is null)
                await DiskFailure.TranslateAsync(_root, () => Task.Run(() => OpenFolder(_root))).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private bool OpenFolder(string folder)
    {
        Directory.CreateDirectory(folder);
        var taken = StoreLock.Take(folder);
        try
        {
            var found = CollectionFolder.Scan(folder, out var damaged);
            lock (_gate)
            {
                foreach (var (path, manifest) in found)
                    _collections.Add(manifest.Name, NewEntry(manifest.Name, manifest.Options, path));

                foreach (var (path, damage) in damaged)
                {
                    _damaged.Add(path, damage);
                    VectorLog.ManifestDamaged(_logger, path, damage);
                }
            }

            Volatile.Write(ref _lock, taken);
            return true;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }
}
