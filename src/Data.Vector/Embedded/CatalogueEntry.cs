using Data.Vector.Storage;
using Data.Vector.Telemetry;

namespace Data.Vector.Embedded;

/// <summary>
/// One collection of a store: its folder, null in memory, and the collection while it is open. Opens it when it is needed, and can close
/// it again while nobody uses it.
/// </summary>
/// <remarks>Opening, closing, creating and deleting follow one another, per collection; other collections do not wait for them.</remarks>
internal sealed class CatalogueEntry : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private readonly CollectionLoader _loader;
    private readonly Func<CatalogueEntry, Task> _makeRoom;
    private EmbeddedCollection? _collection;
    private Task<EmbeddedCollection>? _opening;
    private volatile string? _ended;
    private volatile bool _used;
    private int _holders;

    /// <summary>Creates an entry, of a collection that is not open.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="options">The collection's options.</param>
    /// <param name="folder">The collection's folder; null when it does not exist yet, and in memory.</param>
    /// <param name="loader">Opens and creates the collection.</param>
    /// <param name="makeRoom">Closes other collections before this one is opened.</param>
    /// <param name="time">The clock of the measurements.</param>
    public CatalogueEntry(
        string name,
        VectorCollectionOptions options,
        string? folder,
        CollectionLoader loader,
        Func<CatalogueEntry, Task> makeRoom,
        TimeProvider time)
    {
        Name = name;
        Options = options;
        Folder = folder;
        _loader = loader;
        _makeRoom = makeRoom;
        Face = new MeasuredCollection(new OpeningCollection(this), VectorTelemetry.InProcess, time);
    }

    public string Name { get; }

    public string? Folder { get; private set; }

    public VectorCollectionOptions Options { get; private set; }

    /// <summary>The collection as callers see it: the same instance every time, whether it is open or not.</summary>
    public MeasuredCollection Face { get; }

    /// <summary>Why the last attempt to open it failed; null when it did not.</summary>
    public VectorStoreCorruptException? Damage { get; private set; }

    public bool Exists => _ended is null && (Folder is not null || IsOpen);

    /// <summary>Whether the collection was deleted, or its store closed.</summary>
    public bool HasEnded => _ended is not null;

    public bool IsOpen => Volatile.Read(ref _collection) is not null;

    /// <summary>What works less well than it should; empty while it is not open.</summary>
    public IEnumerable<string> Warnings => Volatile.Read(ref _collection)?.Warnings ?? [];

    /// <summary>The collection when it is open, marked as used; null when it is not.</summary>
    public EmbeddedCollection? Current
    {
        get
        {
            if (!_used)
                _used = true;

            return Volatile.Read(ref _collection);
        }
    }

    /// <summary>Returns the collection, open. Callers that come while it is being opened share the attempt.</summary>
    public Task<EmbeddedCollection> OpenAsync(CancellationToken cancellationToken)
    {
        if (Current is { } open)
            return Task.FromResult(open);

        lock (_gate)
            return (_opening ??= OpenInTurnAsync()).WaitAsync(cancellationToken);
    }

    /// <summary>Creates the collection.</summary>
    /// <param name="root">The store's folder; null in memory.</param>
    public async Task CreateAsync(string? root)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await _makeRoom(this).ConfigureAwait(false);
            if (root is null)
            {
                Volatile.Write(ref _collection, _loader.InMemory(Name, Options));
                return;
            }

            var (collection, folder) = await Task.Run(() => _loader.Create(root, Name, Options)).ConfigureAwait(false);
            Folder = folder;
            Volatile.Write(ref _collection, collection);
        }
        catch
        {
            _ended = "was not created";
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Returns the size of the collection.</summary>
    public async Task<VectorCollectionStatistics> StatisticsAsync(CancellationToken cancellationToken)
    {
        using var hold = Hold();
        return (await OpenAsync(cancellationToken).ConfigureAwait(false)).Statistics();
    }

    /// <summary>Finds the records that searches miss, and links them again.</summary>
    public async Task<VectorReachability> VerifyReachabilityAsync(CancellationToken cancellationToken)
    {
        using var hold = Hold();
        var collection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => collection.VerifyReachabilityAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has searches that name no EfSearch use this one from here on.</summary>
    public async Task UseAsync(int efSearch, CancellationToken cancellationToken)
    {
        using var hold = Hold();
        var collection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        collection.Use(efSearch);
        Options = collection.Options;
    }

    /// <summary>Keeps the collection from being closed while it is idle, until the result is disposed.</summary>
    public Holding Hold()
    {
        Interlocked.Increment(ref _holders);
        return new Holding(this);
    }

    /// <summary>
    /// Forgets that the collection has been used, and closes it when it had not been since the last call; returns whether it did.
    /// </summary>
    public async Task<bool> CloseIfIdleAsync()
    {
        if (_used)
        {
            _used = false;
            return false;
        }

        if (Folder is null || Volatile.Read(ref _collection) is not { IsReadOnly: false } || !_turn.Wait(0))
            return false;

        try
        {
            // First taken away, then looked whether somebody holds it: who comes between waits for the turn.
            if (Interlocked.Exchange(ref _collection, null) is not { } collection)
                return false;

            if (Volatile.Read(ref _holders) > 0)
            {
                Volatile.Write(ref _collection, collection);
                return false;
            }

            await collection.DisposeAsync().ConfigureAwait(false);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Closes the collection for good.</summary>
    /// <param name="ended">What has become of it, for those who call it: it "was deleted".</param>
    /// <param name="last">Runs when it is closed.</param>
    /// <returns>False when that has been done before.</returns>
    public async Task<bool> EndAsync(string ended, Action? last = null)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_ended is not null)
                return false;

            _ended = ended;
            if (Interlocked.Exchange(ref _collection, null) is { } collection)
                await collection.DisposeAsync().ConfigureAwait(false);

            last?.Invoke();
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Closes the collection together with its store.</summary>
    public async ValueTask DisposeAsync() => await EndAsync("is closed with its store").ConfigureAwait(false);

    private async Task<EmbeddedCollection> OpenInTurnAsync()
    {
        // Whoever opens it next must not find this attempt, and this attempt must not end before it is known.
        await Task.Yield();
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_ended is { } ended)
                throw new ObjectDisposedException(Name, $"Collection '{Name}' {ended}.");

            if (Volatile.Read(ref _collection) is { } open)
                return open;

            await _makeRoom(this).ConfigureAwait(false);
            var collection = await DiskFailure.TranslateAsync(Folder!, () => Task.Run(() => _loader.Open(Folder!))).ConfigureAwait(false);
            Damage = null;
            _used = true;
            Volatile.Write(ref _collection, collection);
            return collection;
        }
        catch (VectorStoreCorruptException damage)
        {
            Damage = damage;
            throw;
        }
        finally
        {
            lock (_gate)
                _opening = null;

            _turn.Release();
        }
    }

    /// <summary>A use that must not be interrupted.</summary>
    internal readonly struct Holding(CatalogueEntry entry) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref entry._holders);
    }
}
