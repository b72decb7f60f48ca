using Data.Benchmarks.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;
using Data.Vector.Storage;

namespace Data.Vector.Tests.Hnsw;

public sealed class HnswSnapshotTests : IDisposable
{
    private const int Dimension = 24;

    private readonly string _folder = Directory.CreateTempSubdirectory("data-vector").FullName;

    private string File => Path.Combine(_folder, "snapshot");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(DistanceMetric.L2, QuantizationMode.Codes)]
    [InlineData(DistanceMetric.Cosine, QuantizationMode.Codes)]
    [InlineData(DistanceMetric.InnerProduct, QuantizationMode.None)]
    public void Open_WrittenSnapshot_AnswersAsBefore(DistanceMetric metric, QuantizationMode mode)
    {
        var data = new VectorData("lat", Dimension, seed: 41);
        var rows = data.Base(3_000);
        using var index = GraphBuilder.Build(rows, Dimension, metric, mode);
        for (var slot = 0; slot < 1_000; slot += 3)
            index.Delete(slot);
        Save(index);
        using var opened = HnswIndex.Open(File);
        opened.Parameters.ShouldBe(index.Parameters with { Capacity = index.SlotLimit });
        opened.Count.ShouldBe(index.Count);
        opened.SlotLimit.ShouldBe(index.SlotLimit);
        var queries = data.Queries(50);
        for (var i = 0; i < 50; i++)
        {
            var query = queries.AsSpan(i * Dimension, Dimension);
            var before = new Neighbor[10];
            var after = new Neighbor[10];
            opened.Search(query, 60, after).ShouldBe(index.Search(query, 60, before));
            after.ShouldBe(before);
        }

        opened.GetVector(1).ToArray().ShouldBe(index.GetVector(1).ToArray());
        opened.MemoryBytes(out var mapped).ShouldBeGreaterThan(mapped);
        mapped.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Open_WrittenSnapshot_TakesAddsAndDeletes()
    {
        var data = new VectorData("lat", Dimension, seed: 42);
        var rows = data.Base(5_000);
        using (var index = GraphBuilder.Build(rows[..(3_000 * Dimension)], Dimension, DistanceMetric.L2))
        {
            for (var slot = 0; slot < 200; slot++)
                index.Delete(slot);
            Save(index);
        }

        using var opened = HnswIndex.Open(File);
        for (var slot = 200; slot < 1_500; slot++)
            opened.Delete(slot).ShouldBeTrue();
        var found = new Neighbor[1];
        for (var i = 3_000; i < 5_000; i++)
        {
            var slot = opened.Add(rows.AsSpan(i * Dimension, Dimension));
            opened.Search(rows.AsSpan(i * Dimension, Dimension), 60, found).ShouldBe(1);
            found[0].ShouldBe(new Neighbor(slot, 0));
        }

        opened.SlotLimit.ShouldBeLessThan(4_500);
        RecallMeter.Measure(opened, data.Queries(100), k: 10, efSearch: 80).ShouldBeGreaterThan(0.98);
    }

    [Fact]
    public async Task WriteTo_WhileOthersAddAndDelete_HoldsTheMomentOfItsBeginning()
    {
        var data = new VectorData("lat", Dimension, seed: 43);
        var rows = data.Base(6_000);
        using var index = GraphBuilder.Build(rows[..(3_000 * Dimension)], Dimension, DistanceMetric.L2);
        for (var slot = 0; slot < 1_000; slot++)
            index.Delete(slot);
        using var snapshot = index.BeginSnapshot();
        snapshot.Count.ShouldBe(2_000);
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(
            () =>
            {
                for (var i = 3_000; i < 6_000 && !stop.IsCancellationRequested; i++)
                {
                    index.Add(rows.AsSpan(i * Dimension, Dimension));
                    index.Delete(i - 2_000);
                }
            },
            TestContext.Current.CancellationToken);
        snapshot.WriteTo(File, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await writer;
        using var opened = HnswIndex.Open(File);
        opened.Count.ShouldBe(2_000);
        for (var slot = 0; slot < 3_000; slot++)
            opened.Contains(slot).ShouldBe(slot >= 1_000);
        RecallMeter.Measure(opened, data.Queries(100), k: 10, efSearch: 80).ShouldBeGreaterThan(0.97);
    }

    [Fact]
    public void Open_EmptyIndex_IsEmptyAndTakesVectors()
    {
        using (var index = GraphBuilder.Empty(4, DistanceMetric.Cosine))
            Save(index);
        using var opened = HnswIndex.Open(File);
        opened.Count.ShouldBe(0);
        opened.Add([1, 2, 3, 4]).ShouldBe(0);
        opened.Search([1, 2, 3, 4], 10, new Neighbor[3]).ShouldBe(1);
    }

    [Theory]
    [InlineData("index")]
    [InlineData("states")]
    [InlineData("graph")]
    [InlineData("upper-blocks")]
    [InlineData("upper-links")]
    [InlineData("links")]
    [InlineData("code-origins")]
    [InlineData("codes")]
    [InlineData("norms")]
    [InlineData("floats")]
    public void Open_OneBitFlipped_NamesFileAndSection(string section)
    {
        using (var index = GraphBuilder.Build(new VectorData("lat", Dimension, seed: 44).Base(600), Dimension, DistanceMetric.Cosine))
            Save(index);
        long offset, length;
        using (var reader = new SnapshotReader(File))
        {
            length = reader.Read(section).Length;
            (offset, _) = reader.Locate(section, length);
        }

        foreach (var at in new[] { 0, length / 2, length - 1 })
        {
            var bytes = System.IO.File.ReadAllBytes(File);
            bytes[offset + at] ^= 4;
            var damaged = Path.Combine(_folder, "damaged");
            System.IO.File.WriteAllBytes(damaged, bytes);
            var error = Should.Throw<InvalidDataException>(() => HnswIndex.Open(damaged));
            error.Message.ShouldContain(damaged);
            error.Message.ShouldContain($"'{section}'");
        }
    }

    [Fact]
    public void Open_HeaderBitFlipped_SaysSo()
    {
        using (var index = GraphBuilder.Empty(4, DistanceMetric.L2))
            Save(index);
        var bytes = System.IO.File.ReadAllBytes(File);
        for (var at = 0; at < SnapshotFormat.PageBytes; at += 61)
        {
            bytes[at] ^= 16;
            System.IO.File.WriteAllBytes(File, bytes);
            Should.Throw<InvalidDataException>(() => HnswIndex.Open(File)).Message.ShouldContain("'header'");
            bytes[at] ^= 16;
        }
    }

    [Fact]
    public void Open_CutAnywhere_RefusesTheFile()
    {
        using (var index = GraphBuilder.Build(new VectorData("lat", Dimension, seed: 45).Base(300), Dimension, DistanceMetric.L2))
            Save(index);
        var bytes = System.IO.File.ReadAllBytes(File);
        for (var length = 0; length < bytes.Length - SnapshotFormat.PageBytes; length += 3_001)
        {
            System.IO.File.WriteAllBytes(File, bytes[..length]);
            Should.Throw<InvalidDataException>(() => HnswIndex.Open(File)).Message.ShouldContain(File);
        }
    }

    [Fact]
    public void Open_NewerVersion_SaysWhichItReads()
    {
        using (var index = GraphBuilder.Empty(4, DistanceMetric.L2))
            Save(index);
        var bytes = System.IO.File.ReadAllBytes(File);
        bytes[8] = SnapshotFormat.Version + 1;
        BitConverter.TryWriteBytes(
            bytes.AsSpan(SnapshotFormat.HeaderSumAt),
            SnapshotWriter.HeaderSum(bytes.AsSpan(0, SnapshotFormat.PageBytes)));
        System.IO.File.WriteAllBytes(File, bytes);
        Should.Throw<InvalidDataException>(() => HnswIndex.Open(File)).Message.ShouldContain("version 2");
    }

    [Fact]
    public void Open_FlatSnapshot_AnswersAsBeforeAndIsNoGraph()
    {
        var data = new VectorData("lat", Dimension, seed: 46);
        using var index = new FlatIndex(Dimension, DistanceMetric.Cosine);
        index.AddRange(data.Base(500), new int[500], 1);
        index.Delete(7);
        using (var snapshot = index.BeginSnapshot())
            snapshot.WriteTo(File, TestContext.Current.CancellationToken);
        Should.Throw<InvalidDataException>(() => HnswIndex.Open(File));
        using var opened = FlatIndex.Open(File);
        var before = new Neighbor[20];
        var after = new Neighbor[20];
        opened.Search(data.Queries(1), 0, after).ShouldBe(index.Search(data.Queries(1), 0, before));
        after.ShouldBe(before);
        opened.Add(data.Queries(1)).ShouldBe(7, "the free slot is reused");
    }

    private void Save(HnswIndex index)
    {
        using var snapshot = index.BeginSnapshot();
        snapshot.WriteTo(File, TestContext.Current.CancellationToken);
    }
}
