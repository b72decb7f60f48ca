namespace Data.Cache.Local;

/// <summary>Uses of sampled keys on their way from readers, who hold no lock, to the tuner. Loses some when readers are many.</summary>
/// <remarks>Any number of writers; one reader at a time, under the store's lock.</remarks>
internal sealed class UseBuffer
{
    private const int Size = 128;
    private readonly uint[] _hashes = new uint[Size];
    private int _written;
    private int _read;

    /// <summary>Adds a use. Returns whether the buffer should be read.</summary>
    public bool Add(uint hash)
    {
        var at = Interlocked.Increment(ref _written) - 1;
        Volatile.Write(ref _hashes[at & (Size - 1)], hash);
        return (at & ((Size / 2) - 1)) == 0;
    }

    /// <summary>Takes the uses since the last call, at most as many as fit.</summary>
    public void Drain(Action<uint> use)
    {
        var end = Volatile.Read(ref _written);
        if (end - _read > Size)
            _read = end - Size;
        for (; _read != end; _read++)
            use(Volatile.Read(ref _hashes[_read & (Size - 1)]));
    }
}
