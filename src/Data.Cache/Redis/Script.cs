using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>A script that is called by its hash. To call it by its text, the client looks the text up each time, for some 10 µs.</summary>
internal sealed class Script(string text)
{
#pragma warning disable CA5350 // Redis names scripts by their SHA-1.
    private readonly byte[] _hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350

    public string Text { get; } = text;

    /// <summary>Runs the script, and gives it to a server that does not know it, or no longer.</summary>
    public async Task<RedisResult> EvaluateAsync(IDatabase database, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await database.ScriptEvaluateAsync(_hash, keys, arguments).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(Text, keys, arguments).ConfigureAwait(false);
        }
    }
}
