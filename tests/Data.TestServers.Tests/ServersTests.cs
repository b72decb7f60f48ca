using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Data.TestServers.Tests;

public sealed class ServersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartAsync_AllKindsAtOnce_EachAnswersInItsOwnWords()
    {
        var postgres = PostgresServer.StartAsync(cancellationToken: Token);
        var redis = RedisServer.StartAsync(cancellationToken: Token);
        var chroma = ChromaServer.StartAsync(Token);
        var nats = NatsServer.StartAsync(cancellationToken: Token);
        TestServer[] all = [await postgres, await redis, await chroma, await nats];

        (await (await postgres).QueryAsync("SELECT 40 + 2", Token)).ShouldBe(42);
        (await AskAsync((await redis).Port, "PING\r\n")).ShouldBe("+PONG\r\n");
        (await AskAsync((await nats).Port, "")).ShouldStartWith("INFO ");
        using var client = new HttpClient { BaseAddress = (await chroma).BaseAddress };
        (await client.GetStringAsync(new Uri("api/v2/heartbeat", UriKind.Relative), Token)).ShouldContain("heartbeat");

        foreach (var server in all)
        {
            await server.DisposeAsync();
            server.IsRunning.ShouldBeFalse();
            Directory.Exists(server.Folder).ShouldBeFalse();
            await Should.ThrowAsync<SocketException>(() => AskAsync(server.Port, ""));
        }
    }

    [Fact]
    public async Task StartAsync_ManyOfAKindAtOnce_NoTwoShareAPort()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RedisServer.StartAsync(cancellationToken: Token)));
        servers.Select(server => server.Port).Distinct().Count().ShouldBe(8);
        foreach (var server in servers)
            await server.DisposeAsync();
    }

    [Theory]
    [InlineData(ServerKind.Redis)]
    [InlineData(ServerKind.Nats)]
    [InlineData(ServerKind.Chroma)]
    public async Task KillAsync_ThenStartAgain_ServesOnTheSamePort(ServerKind kind)
    {
        await using var server = await StartAsync(kind);
        var (port, process) = (server.Port, server.ProcessId);

        await server.KillAsync();
        server.IsRunning.ShouldBeFalse();
        await Should.ThrowAsync<SocketException>(() => AskAsync(port, ""));

        await server.StartAgainAsync(Token);
        server.Port.ShouldBe(port);
        server.ProcessId.ShouldNotBe(process);
        (await AskAsync(port, Question(kind))).ShouldNotBeEmpty();

        await server.RestartAsync(Token);
        (await AskAsync(port, Question(kind))).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(ServerKind.Redis)]
    [InlineData(ServerKind.Nats)]
    [InlineData(ServerKind.Chroma)]
    public async Task Freeze_ThenResume_HoldsTheAnswerMeanwhile(ServerKind kind)
    {
        await using var server = await StartAsync(kind);
        server.Freeze();
        var answer = AskAsync(server.Port, Question(kind));
        (await Task.WhenAny(answer, Task.Delay(300, Token))).ShouldNotBe(answer);
        server.Resume();
        (await answer).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task RedisDispose_WhileFrozen_StillEnds()
    {
        var server = await RedisServer.StartAsync(cancellationToken: Token);
        server.Freeze();
        await server.DisposeAsync();
        Directory.Exists(server.Folder).ShouldBeFalse();
    }

    [Fact]
    public async Task RedisStartAsync_WithPassword_RefusesStrangers()
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Password = "open sesame" }, Token);
        (await AskAsync(server.Port, "GET a\r\n")).ShouldStartWith("-NOAUTH");
        (await AskAsync(server.Port, "AUTH \"open sesame\"\r\n")).ShouldBe("+OK\r\n");
    }

    [Theory]
    [InlineData(false, "$-1\r\n")]
    [InlineData(true, "$1\r\nv\r\n")]
    public async Task RedisRestartAsync_PersistentOrNot_KeepsDataOrLosesIt(bool persistent, string expected)
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Persistent = persistent }, Token);
        (await AskAsync(server.Port, "SET k v\r\n")).ShouldBe("+OK\r\n");
        await server.RestartAsync(Token);
        (await AskAsync(server.Port, "GET k\r\n")).ShouldBe(expected);
    }

    [Fact]
    public async Task NatsStartAsync_WithToken_RefusesStrangers()
    {
        await using var server = await NatsServer.StartAsync(new NatsServerOptions { Token = "secret" }, Token);
        server.Url.ShouldBe($"nats://secret@127.0.0.1:{server.Port}");
        (await AskAsync(server.Port, "CONNECT {}\r\nPING\r\n", answers: 2)).ShouldContain("Authorization Violation");
    }

    [Fact]
    public async Task StartAsync_Server_IsInASessionThatCtrlCDoesNotReach()
    {
        await using var server = await RedisServer.StartAsync(cancellationToken: Token);
        (await SessionAsync(server.ProcessId)).ShouldNotBe(await SessionAsync(Environment.ProcessId));
    }

    [Fact]
    public async Task Shared_AskedForTwice_IsOneServer()
    {
        var first = await SharedServers.PostgresAsync();
        (await SharedServers.PostgresAsync()).ShouldBeSameAs(first);
        await using var connection = new NpgsqlConnection(await first.CreateDatabaseAsync(cancellationToken: Token));
        await connection.OpenAsync(Token);
    }

    private static async Task<TestServer> StartAsync(ServerKind kind) => kind switch
    {
        ServerKind.Redis => await RedisServer.StartAsync(cancellationToken: Token),
        ServerKind.Nats => await NatsServer.StartAsync(cancellationToken: Token),
        _ => await ChromaServer.StartAsync(Token),
    };

    private static async Task<string> SessionAsync(int process) =>
        (await File.ReadAllTextAsync($"/proc/{process}/stat", Token)).Split(") ")[1].Split(' ')[3];

    private static string Question(ServerKind kind) => kind switch
    {
        ServerKind.Redis => "PING\r\n",
        ServerKind.Nats => "",
        _ => "GET /api/v2/heartbeat HTTP/1.1\r\nHost: x\r\n\r\n",
    };

    private static async Task<string> AskAsync(int port, string question, int answers = 1)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, Token);
        if (question.Length > 0)
            await socket.SendAsync(Encoding.ASCII.GetBytes(question), Token);
        var text = "";
        var buffer = new byte[4_096];
        for (var answer = 0; answer < answers; answer++)
            text += Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Token));
        return text;
    }
}
