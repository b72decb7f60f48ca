namespace Data.Vector.Internal;

/// <summary>A reader's presence: what it can see stays allocated until it is disposed, once, on any thread.</summary>
internal readonly struct ReadPin(long[] block, int cell) : IDisposable
{
    public void Dispose() => Volatile.Write(ref block[cell], 0);
}
