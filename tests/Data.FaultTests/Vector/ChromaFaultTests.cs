using System.Diagnostics;
using System.Net;
using Data.TestServers;
using Data.Vector;

namespace Data.FaultTests.Vector;

/// <summary>Chroma behind a connection that breaks, hangs or is refused.</summary>
public sealed class ChromaFaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_ConnectionCutAtAnyByteOfTheAnswer_IsRepeatedAndAnswered()
    {
        var server = await SharedServers.ChromaAsync();
        await using var proxy = await FaultProxy.StartAsync(server);
        using var http = NewClient();
        var collection = await FillAsync(Open(http, proxy));

        for (var bytes = 0; bytes < 400; bytes += 37)
        {
            var cut = proxy.CutOpenAfter(Direction.ToClient, bytes);
            (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(3);
            (await collection.SearchAsync(new(new float[] { 1, 0 }) { Top = 1 }, Cancel))[0].Id.ShouldBe("a");
            cut.Happened.IsCompleted.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Write_ConnectionCutBeforeTheAnswer_IsToldAndNotRepeated()
    {
        var server = await SharedServers.ChromaAsync();
        await using var proxy = await FaultProxy.StartAsync(server);
        using var http = NewClient();
        var collection = await FillAsync(Open(http, proxy));
        var sent = 0;
        proxy.Inspect = chunk =>
        {
            if (chunk.Direction != Direction.ToServer || !chunk.Contains("/upsert"u8))
                return ChunkVerdict.Forward;

            Interlocked.Increment(ref sent);
            return ChunkVerdict.CutAfter;
        };

        await Should.ThrowAsync<VectorStoreUnavailableException>(
            () => collection.UpsertAsync([new VectorRecord("d", new float[] { 1, 1 })], Cancel));

        sent.ShouldBe(1);
        proxy.Inspect = null;
        await collection.UpsertAsync([new VectorRecord("d", new float[] { 1, 1 })], Cancel);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(4);
    }

    [Fact]
    public async Task Write_ServerRefusesConnectionsForAMoment_IsRepeatedBecauseItNeverLeft()
    {
        var server = await SharedServers.ChromaAsync();
        await using var proxy = await FaultProxy.StartAsync(server);
        using var http = NewClient();
        var collection = await FillAsync(Open(http, proxy, options =>
        {
            options.MaxRetryAttempts = 10;
            options.RetryDelay = TimeSpan.FromMilliseconds(50);
        }));
        proxy.RefuseNewConnections();
        proxy.ResetAll();

        var write = collection.UpsertAsync([new VectorRecord("d", new float[] { 1, 1 })], Cancel);
        await Task.Delay(200, Cancel);
        write.IsCompleted.ShouldBeFalse();
        proxy.AcceptAgain();
        await write;

        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(4);
    }

    [Fact]
    public async Task Search_ServerHangs_EndsAtTheDeadlineAndWorksAgainAfterwards()
    {
        var server = await SharedServers.ChromaAsync();
        await using var proxy = await FaultProxy.StartAsync(server);
        using var http = NewClient();
        var store = Open(http, proxy, options =>
        {
            options.MaxRetryAttempts = 1;
            options.RequestTimeout = TimeSpan.FromSeconds(1);
        });
        var collection = await FillAsync(store);
        proxy.Freeze();
        var started = Stopwatch.GetTimestamp();

        var refusal = await Should.ThrowAsync<VectorStoreUnavailableException>(
            async () => await collection.SearchAsync(new(new float[] { 1, 0 }), Cancel));

        refusal.Message.ShouldContain("1 s");
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(20));
        (await store.ValidateAsync(Cancel)).Succeeded.ShouldBeFalse();
        proxy.Resume();
        (await collection.SearchAsync(new(new float[] { 1, 0 }) { Top = 1 }, Cancel))[0].Id.ShouldBe("a");
    }

    [Theory]
    [InlineData(ChromaTokenHeader.Authorization, "Authorization: Bearer s3cret")]
    [InlineData(ChromaTokenHeader.XChromaToken, "X-Chroma-Token: s3cret")]
    public async Task Request_WithToken_CarriesItInTheChosenHeaderAndNoErrorShowsIt(ChromaTokenHeader header, string expected)
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var seen = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync(Cancel);
            var stream = client.GetStream();
            var buffer = new byte[8_192];
            var read = await stream.ReadAsync(buffer, Cancel);
            await stream.WriteAsync("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"u8.ToArray(), Cancel);
            return System.Text.Encoding.ASCII.GetString(buffer, 0, read);
        }, Cancel);
        using var http = NewClient();
        var store = new ChromaVectorStore(
            http,
            new() { Endpoint = new($"http://127.0.0.1:{port}"), Token = "s3cret", TokenHeader = header });

        var refusal = await Should.ThrowAsync<VectorStoreProtocolException>(() => store.ListCollectionsAsync(Cancel));

        (await seen).ShouldContain(expected);
        refusal.Message.ShouldContain("401");
        refusal.ToString().ShouldNotContain("s3cret");
    }

    private static HttpClient NewClient() => new() { Timeout = TimeSpan.FromMinutes(2) };

    private static ChromaVectorStore Open(HttpClient http, FaultProxy proxy, Action<ChromaVectorStoreOptions>? configure = null)
    {
        var options = new ChromaVectorStoreOptions
        {
            Endpoint = new($"http://{proxy.EndPoint}"),
            RetryDelay = TimeSpan.FromMilliseconds(10)
        };
        configure?.Invoke(options);
        return new ChromaVectorStore(http, options);
    }

    private static async Task<IVectorCollection> FillAsync(ChromaVectorStore store)
    {
        var collection = await store.CreateCollectionAsync(
            $"fault-{Guid.NewGuid():N}",
            new() { Dimensions = 2, Metric = DistanceMetric.L2 },
            Cancel);
        await collection.AddAsync([new VectorRecord("a", new float[] {
            1,
            0 }), new VectorRecord("b", new float[] { 0, 5 }), new VectorRecord("c", new float[] { 9, 9 })], Cancel);
        return collection;
    }
}
