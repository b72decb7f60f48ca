using Data.Vector.Storage;
using Data.Vector.Telemetry;
using Microsoft.Extensions.Logging;

namespace Data.Vector.Embedded;

/// <summary>The collections of a store, open or not; holds the lock of the folder from the first call until disposal.</summary>
/// <remarks>
/// Everything except <see cref="RunAsync{T}(Func{T}, CancellationToken)"/> and disposal is for the actions that it runs, one at a time.
/// </remarks>
internal sealed class CollectionCatalogue(string? root, CollectionLoader loader, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SortedDictionary<string, CatalogueEntry> _collections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VectorStoreCorruptException> _damaged = new(StringComparer.Ordinal);
    private StoreLock? _lock;
    private bool _disposed;

    public IReadOnlyCollection<string> Names => _collections.Keys;

    /// <summary>Runs an action exclusively, with the folder open; disk failures become exceptions of the package.</summary>
    public Task<T> RunAsync<T>(Func<T> action, CancellationToken cancellationToken) =>
        RunAsync(() => Task.FromResult(action()), cancellationToken);

    /// <inheritdoc cref="RunAsync{T}(Func{T}, CancellationToken)"/>
    public async Task<T> RunAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(EmbeddedVectorStore));
            if (root is not null && _lock is null)
                OpenFolder(root);

            return await action().ConfigureAwait(false);
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception))
        {
            throw DurableFile.IsFull(exception)
                ? new VectorStoreFullException("The disk is full.", exception)
                : new DataVectorException($"The folder {root} cannot be used: {exception.Message}", exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Returns the collection of a name; null when it does not exist.</summary>
    /// <exception cref="VectorStoreCorruptException">Its manifest is damaged.</exception>
    public CatalogueEntry? Find(string name)
    {
        if (_collections.TryGetValue(name, out var found))
            return found;

        return root is not null && _damaged.TryGetValue(CollectionFolder.FolderName(name), out var damage)
            ? throw new VectorStoreCorruptException($"Collection '{name}' cannot be opened: {damage.Message}", damage)
            : null;
    }

    /// <summary>Returns the collection of a name, open.</summary>
    /// <exception cref="VectorCollectionNotFoundException">It does not exist.</exception>
    public CatalogueEntry Open(string name) =>
        Open(Find(name) ?? throw new VectorCollectionNotFoundException($"Collection '{name}' does not exist."));

    public CatalogueEntry Open(CatalogueEntry entry)
    {
        entry.Collection ??= loader.Open(entry.Folder!);
        return entry;
    }

    public CatalogueEntry Create(string name, VectorCollectionOptions options)
    {
        CatalogueEntry entry;
        if (root is null)
        {
            entry = new(time) { Collection = loader.InMemory(name, options) };
        }
        else
        {
            var collection = loader.Create(root, name, options, out var folder);
            entry = new(time) { Folder = folder, Collection = collection };
        }

        _collections.Add(name, entry);
        return entry;
    }

    /// <summary>Closes a collection and deletes its folder; false when it did not exist.</summary>
    public async Task<bool> DeleteAsync(string name)
    {
        if (Find(name) is not { } found)
            return false;

        _collections.Remove(name);
        if (found.Collection is { } collection)
            await collection.DisposeAsync().ConfigureAwait(false);

        if (found.Folder is { } folder)
            CollectionFolder.Delete(root!, folder);

        return true;
    }

    /// <summary>Waits for the writes that run, closes all collections, and releases the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            foreach (var entry in _collections.Values)
            {
                if (entry.Collection is { } collection)
                    await collection.DisposeAsync().ConfigureAwait(false);
            }

            _collections.Clear();
            _lock?.Dispose();
            _lock = null;
        }
        finally
        {
            _turn.Release();
        }
    }

    private void OpenFolder(string folder)
    {
        Directory.CreateDirectory(folder);
        var taken = StoreLock.Take(folder);
        try
        {
            foreach (var (name, path) in CollectionFolder.Scan(folder, _damaged))
                _collections.Add(name, new CatalogueEntry(time) { Folder = path });

            foreach (var (path, damage) in _damaged)
                VectorLog.ManifestDamaged(logger, path, damage);

            _lock = taken;
        }
        finally
        {
            if (_lock is null)
            {
                _collections.Clear();
                _damaged.Clear();
                taken.Dispose();
            }
        }
    }
}
