using Data.Vector;

namespace Data.Conformance.VectorStores;

public abstract partial class VectorStoreConformance
{
    [Theory]
    [InlineData(DistanceMetric.Cosine)]
    [InlineData(DistanceMetric.L2)]
    [InlineData(DistanceMetric.InnerProduct)]
    public async Task Search_RandomVectors_ReturnsTheNearestWithTheirDistances(DistanceMetric metric)
    {
        var collection = await NewCollectionAsync(metric);
        var random = new Random(7);
        var records = Enumerable.Range(0, 300).Select(i => new VectorRecord($"r{i:000}", RandomVector(random)) { Document = $"d{i}" })
            .ToArray();
        await collection.AddAsync(records, Cancel);
        for (var q = 0; q < 10; q++)
        {
            var query = RandomVector(random);
            var wanted = Nearest(records, query, metric, 10);

            var found = await collection.SearchAsync(
                new(query) { Top = 10, Threshold = VectorSearchRequest.NoThreshold, EfSearch = 400 },
                Cancel);

            Ids(found).ShouldBe(wanted.Select(pair => pair.Id));
            foreach (var (match, (_, distance)) in found.Zip(wanted))
            {
                ((double)match.Distance).ShouldBe(distance, 1e-5);
                ((double)match.Similarity).ShouldBe(metric == DistanceMetric.L2 ? 1 / (1 + distance) : 1 - distance, 1e-5);
                match.Document.ShouldBe("d" + int.Parse(match.Id.AsSpan(1)));
                match.Vector.Length.ShouldBe(0);
            }
        }
    }

    [Fact]
    public async Task Search_Threshold_DropsWhatIsLessSimilarAndNothingWithoutOne()
    {
        var collection = await NewCollectionAsync(DistanceMetric.Cosine);
        await collection.AddAsync(
            [new VectorRecord("same", Unit(0, 3)), new VectorRecord("near", Blend(0, 1, 1, 1)), new VectorRecord("right-angle", Unit(1))],
            Cancel);

        Ids(await collection.SearchAsync(new(Unit(0)), Cancel)).ShouldBe(["same", "near", "right-angle"]);
        Ids(await collection.SearchAsync(new(Unit(0)) { Threshold = 0.5f }, Cancel)).ShouldBe(["same", "near"]);
        Ids(await collection.SearchAsync(new(Unit(0)) { Threshold = 0.8f }, Cancel)).ShouldBe(["same"]);
        Ids(await collection.SearchAsync(new(Unit(0)) { Threshold = VectorSearchRequest.NoThreshold }, Cancel)).ShouldBe(
            ["same", "near", "right-angle"]);
    }

    [Fact]
    public async Task Search_EqualDistances_AreOrderedById()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([.. new[] { "d", "b", "e", "a", "c" }.Select(id => new VectorRecord(id, Unit(2)))], Cancel);

        Ids(await collection.SearchAsync(new(Unit(2)) { Top = 5 }, Cancel)).ShouldBe(["a", "b", "c", "d", "e"]);
    }

    [Fact]
    public async Task Search_Parts_ComeBackAsAskedFor()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([new VectorRecord("a", Unit(0)) { Document = "text", Metadata = new() { ["x"] = 1 } }], Cancel);

        var full = (await collection.SearchAsync(new(Unit(0)) { IncludeVectors = true }, Cancel))[0];
        full.Vector.ToArray().ShouldBe(Unit(0));
        full.Document.ShouldBe("text");
        full.Metadata["x"].AsInt64().ShouldBe(1);
        var bare = (await collection.SearchAsync(new(Unit(0)) { IncludeDocuments = false }, Cancel))[0];
        bare.Document.ShouldBeNull();
        bare.Vector.Length.ShouldBe(0);
    }

    [Fact]
    public async Task Search_IntoABuffer_FillsItAsTheOtherOverload()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([.. Enumerable.Range(0, Dimensions).Select(i => new VectorRecord($"r{i}", Unit(i, i + 1)))], Cancel);
        var request = new VectorSearchRequest(Unit(3)) { Top = 3 };
        var buffer = new VectorMatch[4];

        var count = await collection.SearchAsync(request, buffer, Cancel);

        buffer[..count].ShouldBe(await collection.SearchAsync(request, Cancel));
        await Should.ThrowAsync<ArgumentException>(async () => await collection.SearchAsync(request, new VectorMatch[2], Cancel));
    }

    [Fact]
    public async Task Search_MalformedRequest_IsRefused()
    {
        var collection = await NewCollectionAsync(DistanceMetric.Cosine);
        VectorSearchRequest[] malformed =
        [
            new(Unit(0, dimensions: 3)),
            new(new float[Dimensions]),
            new(Unit(0, float.NaN)),
            new(Unit(0)) { Top = 0 },
            new(Unit(0)) { Top = VectorSearchRequest.MaxTop + 1 },
            new(Unit(0)) { Threshold = float.NaN },
            new(Unit(0)) { EfSearch = 0 },
            new(Unit(0)) { Mmr = new() { Lambda = 1.5f } },
            new(Unit(0)) { Mmr = new() { CandidateCount = 2 } },
            new(""),
        ];
        foreach (var request in malformed)
            await Should.ThrowAsync<VectorInputException>(async () => await collection.SearchAsync(request, Cancel));

        await Should.ThrowAsync<VectorInputException>(() => collection.SearchBatchAsync([new(Unit(0)), new(Unit(0, float.NaN))], Cancel));
    }

    [Fact]
    public async Task Search_EmptyCollection_FindsNothing()
    {
        var collection = await NewCollectionAsync();

        (await collection.SearchAsync(new(Unit(0)), Cancel)).ShouldBeEmpty();
        (await collection.SearchRangeAsync(new(Unit(0), 10), Cancel)).ShouldBeEmpty();
        (await collection.CountAsync(VectorFilter.Eq("x", 1), Cancel)).ShouldBe(0);
        (await collection.DeleteAsync(VectorFilter.Eq("x", 1), Cancel)).ShouldBe(0);
        (await collection.StreamAsync(cancellationToken: Cancel).ToListAsync(Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task SearchBatch_SeveralRequests_AnswersEachInItsPlace()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync(
            [.. Enumerable.Range(0, Dimensions).Select(i => new VectorRecord($"r{i}", Unit(i)) { Metadata = new() { ["i"] = i } })],
            Cancel);

        var results = await collection.SearchBatchAsync(
            [new(Unit(3)) { Top = 1 }, new(Unit(5)) { Top = 1 }, new(Unit(3)) { Top = 2, Filter = VectorFilter.Gt("i", 5) }, new("zzz") {
                Top = 1 }, new(Unit(1)) { Top = 1 }], Cancel);

        results.Count.ShouldBe(5);
        Ids(results[0]).ShouldBe(["r3"]);
        Ids(results[1]).ShouldBe(["r5"]);
        Ids(results[2]).ShouldBe(["r6", "r7"]);
        results[3].Count.ShouldBe(1);
        Ids(results[4]).ShouldBe(["r1"]);
        (await collection.SearchBatchAsync([], Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task SearchBatch_Texts_AreEmbeddedWithOneCall()
    {
        var collection = await NewCollectionAsync(DistanceMetric.Cosine);
        await collection.AddAsync([new VectorRecord("a", "apple pear"), new VectorRecord("b", "nut bolt screw")], Cancel);
        var before = Embedder.Calls;

        var results = await collection.SearchBatchAsync(
            [new("apple") { Top = 1 }, new("bolt screw") { Top = 1 }, new("pear") { Top = 1, Mmr = new() }],
            Cancel);

        results.Select(static matches => matches[0].Id).ShouldBe(["a", "b", "a"]);
        Embedder.Calls.ShouldBe(before + 1);
    }

    [Fact]
    public async Task Search_Skip_ReturnsTheNextPage()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([.. Enumerable.Range(0, 7).Select(i => new VectorRecord($"r{i}", Unit(0, i + 1)))], Cancel);

        Ids(await collection.SearchAsync(new(Unit(0, 0.1f)) { Top = 3 }, Cancel)).ShouldBe(["r0", "r1", "r2"]);
        Ids(await collection.SearchAsync(new(Unit(0, 0.1f)) { Top = 3, Skip = 3 }, Cancel)).ShouldBe(["r3", "r4", "r5"]);
        var buffer = new VectorMatch[5];
        (await collection.SearchAsync(new VectorSearchRequest(Unit(0, 0.1f)) { Top = 3, Skip = 6 }, buffer, Cancel)).ShouldBe(1);
        buffer[0].Id.ShouldBe("r6");
        (await collection.SearchAsync(new(Unit(0, 0.1f)) { Top = 3, Skip = 9 }, Cancel)).ShouldBeEmpty();
        var batch = await collection.SearchBatchAsync(
            [
                new(Unit(0, 0.1f)) { Top = 1, Skip = 2 },
                new(Unit(0, 0.1f)) { Top = 1 },
                new(Unit(0, 0.1f)) { Top = 2, Skip = 1, Mmr = new() { Lambda = 1 } },
            ],
            Cancel);
        batch.Select(Ids).ShouldBe([["r2"], ["r0"], ["r1", "r2"]]);
        foreach (var skip in (int[])[-1, VectorSearchRequest.MaxTop])
            await Should.ThrowAsync<VectorInputException>(async () => await collection.SearchAsync(new(Unit(0)) { Skip = skip }, Cancel));
    }

    [Fact]
    public async Task Call_TokenCancelled_ThrowsAndWritesNothing()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([new VectorRecord("a", Unit(0))], Cancel);
        var cancelled = new CancellationToken(canceled: true);
        var record = new VectorRecord("b", Unit(1));
        Func<Task>[] calls =
        [
            () => collection.AddAsync([record], cancelled),
            () => collection.UpsertAsync([record], cancelled),
            () => collection.UpdateAsync([new VectorRecordUpdate("a") { Document = "x" }], cancelled),
            () => collection.DeleteAsync(["a"], cancelled),
            () => collection.DeleteAsync(VectorFilter.Eq("x", 1), cancelled),
            () => collection.GetAsync(["a"], true, cancelled),
            () => collection.CountAsync(null, cancelled),
            () => collection.CountAsync(VectorFilter.Eq("x", 1), cancelled),
            () => collection.SearchBatchAsync([new(Unit(0))], cancelled),
            () => collection.SearchRangeAsync(new(Unit(0), 1), cancelled),
            async () => await collection.SearchAsync(new(Unit(0)), cancelled),
            async () => await collection.SearchAsync(new(Unit(0)), new VectorMatch[5], cancelled),
            async () => await collection.StreamAsync(null, cancelled).ToListAsync(CancellationToken.None),
            () => Store.ListCollectionsAsync(cancelled),
            () => Store.GetCollectionAsync(collection.Name, cancelled),
            () => Store.DeleteCollectionAsync(collection.Name, cancelled),
        ];
        for (var i = 0; i < calls.Length; i++)
            await Should.ThrowAsync<OperationCanceledException>(calls[i], $"call {i}");

        var held = (await collection.StreamAsync(cancellationToken: Cancel).ToListAsync(Cancel)).ShouldHaveSingleItem();
        held.Document.ShouldBeNull();
    }

    [Fact]
    public async Task SearchRange_Distance_ReturnsEverythingWithinAndNothingElse()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([.. Enumerable.Range(1, 200)
            .Select(i => new VectorRecord($"r{i:000}", Unit(0, i)) { Metadata = new() { ["even"] = i % 2 == 0 } })], Cancel);

        var within = await collection.SearchRangeAsync(new(Unit(0, 1), 150 * 150), Cancel);
        Ids(within).ShouldBe(Enumerable.Range(1, 151).Select(i => $"r{i:000}"));
        Ids(await collection.SearchRangeAsync(new(Unit(0, 1), 100) { Filter = VectorFilter.Eq("even", true) }, Cancel)).ShouldBe(
            ["r002", "r004", "r006", "r008", "r010"]);
        Ids(await collection.SearchRangeAsync(new(Unit(0, 1), 150 * 150) { Limit = 2 }, Cancel)).ShouldBe(["r001", "r002"]);
    }

    [Fact]
    public async Task Search_Mmr_PrefersVarietyOverNearDuplicates()
    {
        var collection = await NewCollectionAsync(DistanceMetric.Cosine);
        await collection.AddAsync(
            [
                new VectorRecord("best", Blend(0, 1, 1, 0.10f)),
                new VectorRecord("twin", Blend(0, 1, 1, 0.11f)),
                new VectorRecord("other", Blend(0, 1, 2, 0.60f)),
            ], Cancel);

        Ids(await collection.SearchAsync(new(Unit(0)) { Top = 2 }, Cancel)).ShouldBe(["best", "twin"]);
        var diverse = await collection.SearchAsync(new(Unit(0)) { Top = 2, Mmr = new() { Lambda = 0.3f } }, Cancel);
        Ids(diverse).ShouldBe(["best", "other"]);
        diverse[0].Vector.Length.ShouldBe(0);
        Ids(await collection.SearchAsync(new(Unit(0)) { Top = 2, Mmr = new() { Lambda = 1 } }, Cancel)).ShouldBe(["best", "twin"]);
    }

    [Fact]
    public async Task AddAndSearch_Texts_GoThroughTheEmbeddingGenerator()
    {
        var collection = await NewCollectionAsync(DistanceMetric.Cosine, 64);
        await collection.AddAsync(
            [new VectorRecord("db", "database index storage"), new VectorRecord("cook", "recipe oven flour")],
            Cancel);

        Ids(await collection.SearchAsync(new("index database") { Top = 1 }, Cancel)).ShouldBe(["db"]);
        await collection.UpdateAsync([new VectorRecordUpdate("cook") { Document = "index database" }], Cancel);
        Ids(await collection.SearchAsync(new("index database") { Top = 1 }, Cancel)).ShouldBe(["cook"]);
    }

    [Fact]
    public async Task Stream_AllOrFiltered_BringsEachRecordOnce()
    {
        var collection = await NewCollectionAsync();
        var records = Enumerable.Range(0, 50).Select(i =>
            new VectorRecord($"r{i:00}", Unit(i % Dimensions, i + 1)) { Document = $"d{i}", Metadata = new() { ["n"] = i } });
        await collection.AddAsync([.. records], Cancel);

        var all = await collection.StreamAsync(cancellationToken: Cancel).ToListAsync(Cancel);
        all.Select(record => record.Id).Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 50).Select(i => $"r{i:00}"));
        all.ShouldAllBe(record => record.Vector.Length == Dimensions && record.Document != null);
        var some = await collection.StreamAsync(
            new() { Filter = VectorFilter.Lt("n", 3), IncludeVectors = false, IncludeDocuments = false },
            Cancel).ToListAsync(Cancel);
        some.Select(record => record.Id).Order(StringComparer.Ordinal).ShouldBe(["r00", "r01", "r02"]);
        some.ShouldAllBe(record => record.Vector.Length == 0 && record.Document == null && record.Metadata!.Count == 1);
    }

    private static float[] Blend(int axis, float length, int otherAxis, float otherLength)
    {
        var vector = Unit(axis, length);
        vector[otherAxis] = otherLength;
        return vector;
    }

    private static List<(string Id, double Distance)> Nearest(
        IEnumerable<VectorRecord> records,
        float[] query,
        DistanceMetric metric,
        int top) =>
        [.. records.Select(record => (record.Id, Distance: Distance(metric, record.Vector.ToArray(), query))).OrderBy(pair => pair.Distance)
            .ThenBy(pair => pair.Id, StringComparer.Ordinal)
            .Take(top)];

    private static double Distance(DistanceMetric metric, float[] left, float[] right)
    {
        var dot = left.Zip(right).Sum(pair => (double)pair.First * pair.Second);
        return metric switch
        {
            DistanceMetric.L2 => left.Zip(right).Sum(pair => Math.Pow((double)pair.First - pair.Second, 2)),
            DistanceMetric.InnerProduct => 1 - dot,
            _ => 1 - (dot / Math.Sqrt(left.Sum(x => (double)x * x) * right.Sum(x => (double)x * x))),
        };
    }
}
