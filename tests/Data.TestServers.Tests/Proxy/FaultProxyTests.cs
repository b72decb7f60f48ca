using System.Diagnostics;
using System.Net.Sockets;

namespace Data.TestServers.Tests.Proxy;

public sealed class FaultProxyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Proxy_LeftAlone_PassesAllBothWaysAndCounts()
    {
        await using var server = new EchoServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        var sent = Bytes(3_000_000);
        var echoed = client.ReceiveAllAsync();
        await client.SendAsync(sent);
        client.EndSending();
        (await echoed).Bytes.ShouldBe(sent);
        (proxy.BytesToServer, proxy.BytesToClient, proxy.ConnectionCount).ShouldBe((sent.Length, sent.Length, 1));
    }

    [Theory]
    [InlineData(CutKind.Reset)]
    [InlineData(CutKind.Close)]
    public async Task CutAfter_EveryByteToTheServer_ForwardsExactlySoMany(CutKind kind)
    {
        var message = Bytes(67);
        await using var server = new SinkServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        for (var bytes = 0; bytes <= message.Length; bytes++)
        {
            var cut = proxy.CutAfter(Direction.ToServer, bytes, kind);
            using var client = await TestClient.ConnectAsync(proxy.Port);
            await client.SendAsync(message);
            var (connection, received) = (await cut.Happened.WaitAsync(Token), await server.NextAsync());
            received.Bytes.ShouldBe(message[..bytes]);
            received.WasReset.ShouldBe(kind == CutKind.Reset);
            connection.BytesToServer.ShouldBe(bytes);
            (await client.ReceiveAllAsync()).WasReset.ShouldBe(kind == CutKind.Reset);
        }

        proxy.ConnectionCount.ShouldBe(message.Length + 1);
    }

    [Fact]
    public async Task CutAfter_EveryByteToTheClient_ForwardsExactlySoMany()
    {
        var message = Bytes(67);
        await using var server = new EchoServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        for (var bytes = 0; bytes <= message.Length; bytes++)
        {
            var cut = proxy.CutAfter(Direction.ToClient, bytes);
            using var client = await TestClient.ConnectAsync(proxy.Port);
            await client.SendAsync(message);
            var received = await client.ReceiveAllAsync();
            received.Bytes.ShouldBe(message[..bytes]);
            received.WasReset.ShouldBeTrue();
            (await cut.Happened.WaitAsync(Token)).BytesToServer.ShouldBe(message.Length);
        }
    }

    [Fact]
    public async Task CutAfter_ManyBytesAndASlowReader_LosesNoneBefore()
    {
        const int Length = 1_500_000;
        await using var server = new EchoServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        proxy.CutAfter(Direction.ToClient, Length);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        var sent = Bytes(2_000_000);
        var sending = client.SendAsync(sent);
        await Task.Delay(100, Token);
        var received = await client.ReceiveAllAsync();
        received.Bytes.ShouldBe(sent[..Length]);
        await sending.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task CutAfter_ToTheServer_LetsNoAnswerToTheLastByteThrough()
    {
        await using var server = new EchoServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        for (var round = 0; round < 50; round++)
        {
            proxy.CutAfter(Direction.ToServer, 5);
            using var client = await TestClient.ConnectAsync(proxy.Port);
            await client.SendAsync(Bytes(5));
            var received = await client.ReceiveAllAsync();
            received.Bytes.ShouldBeEmpty();
            received.WasReset.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task CutOpenAfter_OpenConnection_CountsFromNow()
    {
        await using var server = new EchoServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Bytes(10));
        (await client.ReceiveAsync(10)).ShouldBe(Bytes(10));
        proxy.CutOpenAfter(Direction.ToClient, 3);
        await client.SendAsync(Bytes(8));
        (await client.ReceiveAllAsync()).Bytes.ShouldBe(Bytes(8)[..3]);
    }

    [Fact]
    public async Task Inspect_SeesTheWord_CutsThere()
    {
        await using var server = new SinkServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        proxy.Inspect = chunk => chunk.Contains("COMMIT"u8) ? ChunkVerdict.CutAfterBytes(chunk.IndexOf("COMMIT"u8)) : ChunkVerdict.Forward;
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync("UPDATE;COMMIT;"u8.ToArray());
        (await server.NextAsync()).Bytes.ShouldBe("UPDATE;"u8.ToArray());
    }

    [Fact]
    public async Task Inspect_Throws_ResetsTheConnectionAndFailsTheDisposal()
    {
        await using var server = new EchoServer();
        var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        proxy.Inspect = _ => throw new NotSupportedException("A test's own mistake.");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Bytes(1));
        (await client.ReceiveAllAsync()).WasReset.ShouldBeTrue();
        (await Should.ThrowAsync<InvalidOperationException>(() => proxy.DisposeAsync().AsTask())).Message.ShouldContain("own mistake");
    }

    [Fact]
    public async Task Delay_BothWays_AddsUpWithoutSerialising()
    {
        await using var server = new EchoServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        proxy.Delay(TimeSpan.FromMilliseconds(100));
        using var client = await TestClient.ConnectAsync(proxy.Port);
        var clock = Stopwatch.StartNew();
        for (var piece = 0; piece < 20; piece++)
        {
            await client.SendAsync(Bytes(1));
            await Task.Delay(1, Token);
        }

        await client.ReceiveAsync(20);
        clock.ElapsedMilliseconds.ShouldBeGreaterThanOrEqualTo(199);
        clock.ElapsedMilliseconds.ShouldBeLessThan(20 * 200);
    }

    [Fact]
    public async Task Freeze_ThenResume_HoldsAllBytesMeanwhile()
    {
        await using var server = new EchoServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        proxy.Freeze();
        await client.SendAsync(Bytes(9));
        var answer = client.ReceiveAsync(9);
        (await Task.WhenAny(answer, Task.Delay(200, Token))).ShouldNotBe(answer);
        proxy.BytesToServer.ShouldBe(0);
        proxy.Resume();
        (await answer).ShouldBe(Bytes(9));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Blackhole_ThenResume_SwallowsAndResets(bool serverIsThere)
    {
        await using var server = new EchoServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", serverIsThere ? server.Port : 1);
        proxy.Blackhole();
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Bytes(9));
        var answer = client.ReceiveAllAsync();
        (await Task.WhenAny(answer, Task.Delay(200, Token))).ShouldNotBe(answer);
        proxy.Resume();
        (await answer).WasReset.ShouldBeTrue();
        proxy.BytesToServer.ShouldBe(0);
    }

    [Fact]
    public async Task RefuseNewConnections_ThenAcceptAgain_KeepsThePortAndOpenConnections()
    {
        await using var server = new EchoServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        using var open = await TestClient.ConnectAsync(proxy.Port);
        await open.SendAsync(Bytes(2));
        await open.ReceiveAsync(2);
        proxy.RefuseNewConnections();
        (await Should.ThrowAsync<SocketException>(() => TestClient.ConnectAsync(proxy.Port))).SocketErrorCode
            .ShouldBe(SocketError.ConnectionRefused);
        await open.SendAsync(Bytes(2));
        (await open.ReceiveAsync(2)).ShouldBe(Bytes(2));

        proxy.AcceptAgain();
        using var again = await TestClient.ConnectAsync(proxy.Port);
        await again.SendAsync(Bytes(3));
        (await again.ReceiveAsync(3)).ShouldBe(Bytes(3));
    }

    [Fact]
    public async Task ResetAll_OpenConnections_BothSidesSeeAReset()
    {
        await using var server = new SinkServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Bytes(4));
        while (proxy.BytesToServer < 4)
            await Task.Delay(1, Token);
        proxy.ResetAll();
        (await client.ReceiveAllAsync()).WasReset.ShouldBeTrue();
        var received = await server.NextAsync();
        (received.WasReset, received.Bytes.Length).ShouldBe((true, 4));
        proxy.ResetAll();
    }

    [Fact]
    public async Task Client_Resets_ServerSeesAReset()
    {
        await using var server = new SinkServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Bytes(4));
        while (proxy.BytesToServer < 4)
            await Task.Delay(1, Token);
        client.Reset();
        (await server.NextAsync()).WasReset.ShouldBeTrue();
    }

    [Fact]
    public async Task Retarget_NewConnections_GoToTheOtherServer()
    {
        await using var first = new SinkServer();
        await using var second = new EchoServer();
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", first.Port);
        using var old = await TestClient.ConnectAsync(proxy.Port);
        await old.SendAsync(Bytes(1));
        while (proxy.BytesToServer < 1)
            await Task.Delay(1, Token);
        proxy.Retarget("127.0.0.1", second.Port);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Bytes(6));
        (await client.ReceiveAsync(6)).ShouldBe(Bytes(6));
    }

    [Fact]
    public async Task Proxy_ServerAway_ResetsTheClient()
    {
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", 1);
        var error = await Should.ThrowAsync<SocketException>(async () =>
        {
            // The reset may arrive as early as during the client's own connect.
            using var client = await TestClient.ConnectAsync(proxy.Port);
            (await client.ReceiveAllAsync()).WasReset.ShouldBeTrue();
            throw new SocketException((int)SocketError.ConnectionReset);
        });
        error.SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
    }

    [Fact]
    public async Task Proxy_SlowReceiver_SlowsTheSender()
    {
        await using var server = new SinkServer { Reads = false };
        await using var proxy = await FaultProxy.StartAsync("127.0.0.1", server.Port);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        var sending = client.SendAsync(new byte[64 << 20]);
        (await Task.WhenAny(sending, Task.Delay(300, Token))).ShouldNotBe(sending);
        proxy.ResetAll();
        await Should.ThrowAsync<SocketException>(() => sending);
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(17).NextBytes(bytes);
        return bytes;
    }
}
