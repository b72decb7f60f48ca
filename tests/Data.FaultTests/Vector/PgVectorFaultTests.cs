using System.Diagnostics;
using Data.TestServers;
using Data.Vector;
using Npgsql;

namespace Data.FaultTests.Vector;

/// <summary>PostgreSQL with pgvector behind a connection that breaks, hangs or is refused.</summary>
public sealed class PgVectorFaultTests : IAsyncLifetime
{
    private PgVectorServer _server = null!;
    private FaultProxy _proxy = null!;
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await PgVectorServer.StartAsync(Cancel);
        _proxy = await FaultProxy.StartAsync(_server);
        _source = _server.NewDataSource(port: _proxy.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Read_ConnectionCutInTheAnswer_IsRepeatedAndAnswered()
    {
        var collection = await FillAsync();
        foreach (var bytes in (int[])[0, 1, 7, 40, 80])
        {
            var cut = _proxy.CutOpenAfter(Direction.ToClient, bytes);
            (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(3, $"cut after {bytes} bytes");
            (await collection.SearchAsync(new(new float[] { 1, 0 }) { Top = 1 }, Cancel))[0].Id.ShouldBe("a");
            cut.Happened.IsCompleted.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Write_ConnectionCutBeforeTheAnswer_IsToldAndNotRepeated()
    {
        var collection = await FillAsync();
        var sent = 0;
        _proxy.Inspect = chunk =>
        {
            if (chunk.Direction != Direction.ToServer || !chunk.Contains("INSERT INTO"u8))
                return ChunkVerdict.Forward;

            Interlocked.Increment(ref sent);
            return ChunkVerdict.CutAfter;
        };

        await Should.ThrowAsync<VectorStoreUnavailableException>(
            () => collection.UpsertAsync([new VectorRecord("d", new float[] { 1, 1 })], Cancel));

        sent.ShouldBe(1);
        _proxy.Inspect = null;
        await collection.UpsertAsync([new VectorRecord("d", new float[] { 1, 1 })], Cancel);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(4);
    }

    [Fact]
    public async Task Write_ServerRefusesConnectionsForAMoment_IsRepeatedBecauseItNeverLeft()
    {
        var collection = await FillAsync(options =>
        {
            options.MaxRetryAttempts = 10;
            options.RetryDelay = TimeSpan.FromMilliseconds(50);
        });
        _proxy.RefuseNewConnections();
        _proxy.ResetAll();

        // The pooled connection is dead; this call finds out, and the pool forgets it.
        await Should.ThrowAsync<VectorStoreUnavailableException>(() => collection.DeleteAsync(["nobody"], Cancel));
        var write = collection.UpsertAsync([new VectorRecord("d", new float[] { 1, 1 })], Cancel);
        await Task.Delay(200, Cancel);
        write.IsCompleted.ShouldBeFalse();
        _proxy.AcceptAgain();
        await write;

        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(4);
    }

    [Fact]
    public async Task Search_ServerHangs_EndsAtTheDeadlineAndWorksAgainAfterwards()
    {
        var collection = await FillAsync(options =>
        {
            options.MaxRetryAttempts = 0;
            options.RequestTimeout = TimeSpan.FromSeconds(1);
        });
        _server.Freeze();
        var start = Stopwatch.GetTimestamp();

        var late = await Should.ThrowAsync<VectorStoreUnavailableException>(
            async () => await collection.SearchAsync(new(new float[] { 1, 0 }), Cancel));

        late.Message.ShouldContain("1 s");

        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(15));
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        impatient.CancelAfter(TimeSpan.FromMilliseconds(100));
        await Should.ThrowAsync<OperationCanceledException>(() => collection.CountAsync(cancellationToken: impatient.Token));
        _server.Resume();
        await Eventually.BeAsync(async () =>
        {
            try
            {
                return await collection.CountAsync(cancellationToken: Cancel) == 3;
            }
            catch (VectorStoreUnavailableException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Server_KilledAndStarted_HoldsWhatWasAcknowledgedAndServesTheSameCollection()
    {
        var collection = await FillAsync(options => options.MaxRetryAttempts = 10);
        await _server.KillAsync();
        (await new PgVectorStore(_source, new() { MaxRetryAttempts = 0 }).ValidateAsync(Cancel)).Succeeded.ShouldBeFalse();

        var search = collection.SearchAsync(new(new float[] { 1, 0 }) { Top = 3 }, Cancel);
        await _server.StartAgainAsync(Cancel);

        (await search).Select(match => match.Id).ShouldBe(["a", "b", "c"]);
        await collection.UpsertAsync([new VectorRecord("d", new float[] { 1, 1 })], Cancel);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(4);
    }

    private async Task<IVectorCollection> FillAsync(Action<PgVectorStoreOptions>? configure = null)
    {
        var options = new PgVectorStoreOptions();
        await new PgVectorStore(_source, options)
            .CreateCollectionAsync("things", new() { Dimensions = 2, Metric = DistanceMetric.L2 }, Cancel);
        configure?.Invoke(options);
        var collection = await new PgVectorStore(_source, options).GetCollectionAsync("things", Cancel);
        await collection.AddAsync(
            [
                new VectorRecord("a", new float[] { 1, 0 }) { Document = "first" },
                new VectorRecord("b", new float[] { 2, 0 }),
                new VectorRecord("c", new float[] { 3, 0 }),
            ],
            Cancel);
        return collection;
    }
}
