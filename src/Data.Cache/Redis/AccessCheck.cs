using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Finds out by a real write, read and removal whether Redis does for this user what the cache needs.</summary>
/// <remarks>
/// A user without the rights, a full memory and a replica answer heartbeats and refuse values. The commands are sent as the cache sends
/// them: writes and removals by a script, reads alone.
/// </remarks>
internal sealed class AccessCheck(RedisKeys keys, RemoteGate gate, BusSender sender, TimeSpan deadline)
{
    private const string Value = "1";
    private static readonly Script Write = new("return redis.call('SET', KEYS[1], ARGV[1], 'PX', 60000)");
    private static readonly Script Remove = new("return redis.call('UNLINK', KEYS[1])");
    private volatile string? _fault;

    /// <summary>What the last check found, such as "write: OOM"; null when all is well.</summary>
    public string? Fault => _fault;

    /// <summary>Checks once. Returns whether the outcome differs from that of the check before.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        RedisKey key = keys.Check(sender.Id);
        var fault = await StepAsync("write", key, WriteAsync, cancellationToken).ConfigureAwait(false)
            ?? await StepAsync("read", key, ReadAsync, cancellationToken).ConfigureAwait(false)
            ?? await StepAsync("removal", key, RemoveAsync, cancellationToken).ConfigureAwait(false);
        var changed = fault != _fault;
        _fault = fault;
        return changed;
    }

    private static async Task<bool> WriteAsync(IDatabase database, RedisKey key) =>
        (string?)await Write.EvaluateAsync(database, [key], [Value]).ConfigureAwait(false) == "OK";

    private static async Task<bool> ReadAsync(IDatabase database, RedisKey key) =>
        await database.StringGetAsync(key).ConfigureAwait(false) == Value;

    private static async Task<bool> RemoveAsync(IDatabase database, RedisKey key) =>
        (long)await Remove.EvaluateAsync(database, [key], []).ConfigureAwait(false) == 1;

    private async Task<string?> StepAsync(
        string step,
        RedisKey key,
        Func<IDatabase, RedisKey, Task<bool>> call,
        CancellationToken cancellationToken)
    {
        var answer = await gate.ProbeAsync(operation: null, key, call, deadline, cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            { Succeeded: false } => $"{step}: {RedisFailures.Describe(answer.Failure)}",
            { Value: false } => $"{step}: no effect",
            _ => null,
        };
    }
}
