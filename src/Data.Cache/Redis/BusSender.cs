using System.Security.Cryptography;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Identifies this node on the invalidation channel, numbers its messages and sends them.</summary>
/// <remarks>
/// A number is taken when the command is handed to the client, and stays open until Redis has acknowledged the command. The command of a
/// number that fails is either repeated with another number or was abandoned by its caller, so no node has to wait for it: heartbeats list
/// the open numbers.
/// </remarks>
internal sealed class BusSender
{
    private readonly Lock _lock = new();

    /// <summary>Open numbers; true for those whose command has failed.</summary>
    private readonly Dictionary<long, bool> _open = [];
    private long _number;

    public long Id { get; } = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    /// <summary>Runs a script that publishes a message.</summary>
    /// <param name="database">Where to run it.</param>
    /// <param name="kind">Kind of message.</param>
    /// <param name="script">The script and its keys.</param>
    /// <param name="arguments">Its arguments. The one before the last is replaced by the message's head.</param>
    public async Task<RedisResult> SendAsync(
        IDatabase database,
        BusMessageKind kind,
        (Script Code, RedisKey[] Keys) script,
        RedisValue[] arguments)
    {
        var number = Take(kind, arguments, out var failed);
        var sent = false;
        try
        {
            var answer = await script.Code.EvaluateAsync(database, script.Keys, arguments).ConfigureAwait(false);
            sent = true;
            return answer;
        }
        finally
        {
            End(number, sent, failed);
        }
    }

    private long Take(BusMessageKind kind, RedisValue[] arguments, out long[] failed)
    {
        lock (_lock)
        {
            var number = ++_number;
            arguments[^2] = BusMessage.Head(kind, Id, number);
            failed = [];
            if (kind == BusMessageKind.Heartbeat)
            {
                failed = [.. _open.Where(static open => open.Value).Select(static open => open.Key)];
                arguments[^1] = Heartbeat.Tail(_open);
            }

            _open.Add(number, false);
            return number;
        }
    }

    private void End(long number, bool sent, long[] announced)
    {
        lock (_lock)
        {
            if (!sent)
            {
                _open[number] = true;
                return;
            }

            _open.Remove(number);
            foreach (var failed in announced)
                _open.Remove(failed);
        }
    }
}
