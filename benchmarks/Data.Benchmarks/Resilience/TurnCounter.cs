using Data.TestServers;

namespace Data.Benchmarks.Resilience;

/// <summary>Counts turns of the conversation that a proxy sees: something to the server after something to the client.</summary>
internal sealed class TurnCounter
{
    private const int Calls = 50;
    private int _turns;
    private Direction _last;

    /// <summary>Looks at what passes the proxy.</summary>
    public ChunkVerdict Count(ProxyChunk chunk)
    {
        if (chunk.Direction == Direction.ToServer && _last != Direction.ToServer)
            Interlocked.Increment(ref _turns);

        _last = chunk.Direction;
        return ChunkVerdict.Forward;
    }

    /// <summary>Returns the turns of one call, when warm.</summary>
    public async Task<double> PerCallAsync(Func<int, Task> operation)
    {
        for (var call = 0; call < Calls; call++)
            await operation(call);

        var before = Volatile.Read(ref _turns);
        for (var call = 0; call < Calls; call++)
            await operation(call);

        return (Volatile.Read(ref _turns) - before) / (double)Calls;
    }
}
