using System.Buffers.Binary;
using Data.Cache.Redis;
using StackExchange.Redis;

namespace Data.Cache.Tests.Redis;

public sealed class BusSenderTests
{
    private readonly BusSender _sender = new();
    private readonly IDatabase _database = ScriptedDatabase.Create();

    private ScriptedDatabase Scripted => (ScriptedDatabase)_database;

    [Fact]
    public async Task SendAsync_CommandsRunAndFail_HeartbeatsListThemUntilOneIsAcknowledged()
    {
        var running = new TaskCompletionSource<RedisResult>();
        Scripted.Next = running.Task;
        var first = SendAsync(BusMessageKind.Key);
        Scripted.Next = Task.FromException<RedisResult>(new RedisServerException("TRYAGAIN"));
        await Should.ThrowAsync<RedisServerException>(SendAsync(BusMessageKind.Tag));
        Scripted.Next = Task.FromException<RedisResult>(new TimeoutException());
        await Should.ThrowAsync<TimeoutException>(SendAsync(BusMessageKind.Heartbeat));
        Open().ShouldBe([1, -2]);

        Scripted.Next = Task.FromResult(RedisResult.Create(1));
        await SendAsync(BusMessageKind.Heartbeat);
        Number().ShouldBe(4);
        Open().ShouldBe([1, -2, -3]);
        running.SetResult(RedisResult.Create(1));
        await first;
        await SendAsync(BusMessageKind.Heartbeat);
        Open().ShouldBeEmpty();
    }

    [Fact]
    public async Task SendAsync_ClientRefusesAtOnce_ListsTheNumber()
    {
        Scripted.Next = null;
        await Should.ThrowAsync<RedisConnectionException>(SendAsync(BusMessageKind.Key));
        Scripted.Next = Task.FromResult(RedisResult.Create(1));
        await SendAsync(BusMessageKind.Heartbeat);
        Open().ShouldBe([-1]);
    }

    private Task<RedisResult> SendAsync(BusMessageKind kind) => _sender.SendAsync(_database, kind, (Code, []), [default, "body"]);

    private static readonly Script Code = new("return 1");

    private long Number() => BinaryPrimitives.ReadInt64BigEndian(((byte[])Scripted.Arguments[0]!).AsSpan(9));

    private long[] Open() => Heartbeat.Read("0" + Scripted.Arguments[1]).Open;
}

/// <summary>A database that answers scripts as it is told.</summary>
public class ScriptedDatabase : System.Reflection.DispatchProxy
{
    /// <summary>The next answer; null refuses the command at once.</summary>
    public Task<RedisResult>? Next { get; set; }

    public RedisValue[] Arguments { get; private set; } = [];

    public static IDatabase Create() => Create<IDatabase, ScriptedDatabase>();

    protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args)
    {
        Arguments = (RedisValue[])args![2]!;
        return Next ?? throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, "refused");
    }
}
