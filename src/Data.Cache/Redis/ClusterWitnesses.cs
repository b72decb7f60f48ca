using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>
/// Finds out whether one of a cluster's primaries has lost data: each keeps a heartbeat of its own, in the lowest of its slots.
/// </summary>
/// <remarks>
/// The server of the tags answers the heartbeat itself. A primary that does not answer says nothing; its slots fail alone.
/// </remarks>
internal sealed class ClusterWitnesses(DataCacheOptions options, RedisKeys keys, RemoteGate gate)
{
    private readonly Dictionary<int, ServerMemory> _memories = [];

    /// <summary>Sends each primary a heartbeat.</summary>
    public async ValueTask<WitnessReport> AskAsync(CancellationToken cancellationToken)
    {
        if (!keys.IsCluster)
            return new WitnessReport([], Changed: false, Evicted: false, AllAnswered: true);
        var slots = Slots();
        var answers = await Task.WhenAll(slots.Select(slot => AskAsync(slot, isConfirmed: false, cancellationToken)))
            .ConfigureAwait(false);
        var lost = new List<int>();
        var (changed, evicted, all) = (false, false, slots.Length > 0);
        for (var i = 0; i < slots.Length; i++)
        {
            if (answers[i] is not { } answer)
            {
                all = false;
                continue;
            }

            if (answer.Lost)
                lost.Add(slots[i]);
            changed |= answer.Changed;
            evicted |= answer.Evicted;
        }

        return new WitnessReport(lost, changed, evicted, all);
    }

    /// <summary>Makes primaries record that a loss has been dealt with.</summary>
    public async ValueTask ConfirmAsync(IReadOnlyList<int> slots, CancellationToken cancellationToken) =>
        await Task.WhenAll(slots.Select(slot => AskAsync(slot, isConfirmed: true, cancellationToken))).ConfigureAwait(false);

    private async Task<(bool Lost, bool Changed, bool Evicted)?> AskAsync(int slot, bool isConfirmed, CancellationToken cancellationToken)
    {
        if (!_memories.TryGetValue(slot, out var memory))
            _memories.Add(slot, memory = new ServerMemory());
        var answer = await gate.ProbeAsync(
            operation: null,
            (keys: (RedisKey[])[keys.IncarnationOf(slot)], arguments: (RedisValue[])[memory.Heard, isConfirmed ? 1 : 0]),
            static async (database, call) =>
                (RedisValue[])(await MemoryScripts.Witness.EvaluateAsync(database, call.keys, call.arguments).ConfigureAwait(false))!,
            options.RemoteHardTimeout,
            cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
            return null;
        return memory.Compare((long)answer.Value[0], answer.Value.AsSpan(1, 3), lost: (long)answer.Value[4] != 0);
    }

    // The slot of the tags has a heartbeat of its own kind.
    private int[] Slots()
    {
        var tags = HashSlots.Of(keys.Clock);
        var nodes = gate.Database?.Multiplexer.GetServers()
            .Select(static server => server.IsConnected ? server.ClusterConfiguration : null)
            .FirstOrDefault(static configuration => configuration is not null)?.Nodes ?? [];
        return
        [
            .. nodes.Where(static node => !node.IsReplica && node.Slots.Count > 0)
                .Where(node => !node.Slots.Any(range => range.From <= tags && tags <= range.To))
                .Select(static node => node.Slots.Min(static range => range.From)),
        ];
    }
}
