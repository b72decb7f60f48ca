using System.Globalization;
using Data.Vector.Tests.TextSearch;

namespace Data.Vector.Tests.Embedded;

public sealed class HybridSearchTests
{
    private const int Dimensions = 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(VectorTextIndex.OnDemand, VectorIndexKind.Hnsw, 1)]
    [InlineData(VectorTextIndex.Always, VectorIndexKind.Hnsw, 2)]
    [InlineData(VectorTextIndex.Always, VectorIndexKind.Flat, 3)]
    public async Task HybridSearch_ByWords_FollowsEveryWrite(VectorTextIndex mode, VectorIndexKind kind, int seed)
    {
        await using var store = new EmbeddedVectorStore(new() { MaxDegreeOfParallelism = 2 });
        var collection = await store.CreateCollectionAsync("things", Shape(mode, kind), Cancel);
        var random = new Random(seed);
        var model = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        for (var step = 0; step < 300; step++)
        {
            await ChangeAsync(collection, model, random);
            if (step % 10 == 0)
                await CheckAsync(collection, model, Text(random, random.Next(1, 4)), random.Next(1, 20));
        }
    }

    [Fact]
    public async Task HybridSearch_Default_FusesBothRankings()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", Shape(), Cancel);
        var random = new Random(4);
        for (var i = 0; i < 500; i++)
            await collection.UpsertAsync([Record($"r{i:000}", Text(random, 12), random)], Cancel);

        for (var query = 0; query < 20; query++)
        {
            var (text, vector) = (Text(random, 3), Vector(random));
            var byText = await collection.HybridSearchAsync(
                new(text, vector) { Fusion = HybridFusion.Weighted(0), Top = 100 }, Cancel);
            var byVector = await collection.SearchAsync(new(vector) { Top = 100 }, Cancel);
            var scores = byText.Select((match, i) => (match.Id, Score: 1d / (61 + i)))
                .Concat(byVector.Select((match, i) => (match.Id, Score: 1d / (61 + i))))
                .GroupBy(part => part.Id)
                .ToDictionary(group => group.Key, group => group.Sum(part => part.Score));

            var fused = await collection.HybridSearchAsync(new(text, vector) { Top = 30 }, Cancel);

            fused.Select(match => match.Id).ShouldBe(
                scores.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal)
                    .Take(30).Select(entry => entry.Key));
            foreach (var match in fused)
            {
                match.Score.ShouldBe(scores[match.Id], 1e-12);
                var vectorRank = byVector.ToList().FindIndex(other => other.Id == match.Id);
                var textRank = byText.ToList().FindIndex(other => other.Id == match.Id);
                match.VectorRank.ShouldBe(vectorRank < 0 ? null : vectorRank + 1);
                match.TextRank.ShouldBe(textRank < 0 ? null : textRank + 1);
                match.Distance.ShouldBe(vectorRank < 0 ? null : byVector[vectorRank].Distance);
                match.Similarity.ShouldBe(vectorRank < 0 ? null : byVector[vectorRank].Similarity);
                match.TextScore.ShouldBe(textRank < 0 ? null : byText[textRank].TextScore);
            }
        }
    }

    [Fact]
    public async Task HybridSearch_Filter_HoldsInBothParts()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", Shape(), Cancel);
        var random = new Random(5);
        var model = new Dictionary<string, string?>();
        for (var i = 0; i < 400; i++)
        {
            var record = Record($"r{i:000}", Text(random, 12), random, i % 4);
            model[record.Id] = record.Document;
            await collection.UpsertAsync([record], Cancel);
        }

        foreach (var filter in new[] { VectorFilter.Eq("group", 1), VectorFilter.In("group", 0, 3), VectorFilter.Eq("group", 9) })
        {
            var request = new HybridSearchRequest("w1 w2 w3", Vector(random)) { Top = 400, Filter = filter, EfSearch = 500 };
            var allowed = new List<string>();
            await foreach (var record in collection.StreamAsync(new() { Filter = filter }, Cancel))
                allowed.Add(record.Id);

            var found = await collection.HybridSearchAsync(request, Cancel);

            found.Select(match => match.Id).Order().ShouldBe(allowed.Order(), "the vector part finds all");
            found.Where(match => match.TextRank is not null).OrderBy(match => match.TextRank)
                .Select(match => (match.Id, (double)match.TextScore!)).ToList()
                .ShouldBeTheBest([.. Bm25Oracle.Rank(model, "w1 w2 w3").Where(hit => allowed.Contains(hit.Id))], 400, $"{filter}");
        }
    }

    [Fact]
    public async Task HybridSearch_Pages_JoinToTheWhole()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", Shape(), Cancel);
        var random = new Random(6);
        await collection.UpsertAsync([.. Enumerable.Range(0, 200).Select(i => Record($"r{i:000}", Text(random, 8), random))], Cancel);
        var vector = Vector(random);
        var whole = await collection.HybridSearchAsync(new("w0 w5", vector) { Top = 50 }, Cancel);
        var pages = new List<string>();
        for (var skip = 0; skip < 50; skip += 7)
        {
            var page = await collection.HybridSearchAsync(new("w0 w5", vector) { Skip = skip, Top = Math.Min(7, 50 - skip) }, Cancel);
            pages.AddRange(page.Select(match => match.Id));
        }

        pages.ShouldBe(whole.Select(match => match.Id));
        (await collection.HybridSearchAsync(new("w0", vector) { Skip = 500, Top = 5 }, Cancel)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task HybridSearch_IncludeFlags_DecideWhatMatchesCarry(bool vectors, bool documents)
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", Shape(), Cancel);
        float[][] axes = [[1, 0, 0, 0], [0.9f, 0, 0, 0], [0, 0, 1, 0]];
        await collection.UpsertAsync(
            [
                new VectorRecord("both", axes[0]) { Document = "alpha" },
                new VectorRecord("vector", axes[1]) { Metadata = new() { ["kind"] = "v" } },
                new VectorRecord("text", axes[2]) { Document = "alpha beta" },
                new VectorRecord("third", new float[] { 0.5f, 0, 0, 0 }),
            ],
            Cancel);

        var found = await collection.HybridSearchAsync(
            new("alpha", axes[0]) { Candidates = 1, Top = 3, IncludeVectors = vectors, IncludeDocuments = documents }, Cancel);

        found.Count.ShouldBe(3);
        found.Single(match => match.Id == "text").VectorRank.ShouldBe(null, "three are nearer");
        foreach (var match in found)
        {
            var axis = Array.IndexOf(["both", "vector", "text"], match.Id);
            match.Vector.ToArray().ShouldBe(vectors ? axes[axis] : []);
            match.Document.ShouldBe(documents ? axis switch { 0 => "alpha", 1 => null, _ => "alpha beta" } : null);
            match.Metadata.Count.ShouldBe(axis == 1 ? 1 : 0);
        }
    }

    [Fact]
    public async Task HybridSearch_CollectionWithoutTextIndex_SaysSo()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", Shape(VectorTextIndex.None), Cancel);

        collection.SupportsHybridSearch.ShouldBeFalse();
        var refusal = await Should.ThrowAsync<HybridSearchNotSupportedException>(
            () => collection.HybridSearchAsync(new("a", new float[] { 1, 0, 0, 0 }), Cancel));
        refusal.Message.ShouldContain("things");
        refusal.Message.ShouldContain("OnDemand");
    }

    [Fact]
    public async Task Statistics_TextIndex_CostsNothingBeforeTheFirstHybridSearch()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", Shape(), Cancel);
        var random = new Random(7);
        await collection.UpsertAsync([.. Enumerable.Range(0, 500).Select(i => Record($"r{i}", Text(random, 20), random))], Cancel);
        (await store.GetStatisticsAsync("things", Cancel)).TextIndexBytes.ShouldBe(0);

        await collection.HybridSearchAsync(new("w1", Vector(random)), Cancel);

        var statistics = await store.GetStatisticsAsync("things", Cancel);
        statistics.TextIndexBytes.ShouldBeInRange(500 * 20, 500 * 2_000);
        statistics.TotalBytes.ShouldBe(statistics.IndexBytes + statistics.RecordBytes + statistics.TextIndexBytes);
    }

    [Fact]
    public async Task HybridSearch_OwnAnalyzer_TakesTextsAndSearchesApart()
    {
        await using var store = new EmbeddedVectorStore(new()) { TextAnalyzer = new FirstLetters() };
        var collection = await store.CreateCollectionAsync("things", Shape(), Cancel);
        var random = new Random(8);
        await collection.UpsertAsync([Record("a", "alpha beta", random), Record("c", "gamma", random)], Cancel);

        var found = await collection.HybridSearchAsync(new("Axe", Vector(random)) { Fusion = HybridFusion.Weighted(0) }, Cancel);

        found.ShouldHaveSingleItem().Id.ShouldBe("a");
        Should.Throw<VectorInputException>(() => new EmbeddedVectorStore(new()) { TextAnalyzer = new Nameless() });
    }

    [Fact]
    public async Task HybridSearch_CancelledToken_IsHonoured()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", Shape(), Cancel);
        await Should.ThrowAsync<OperationCanceledException>(
            () => collection.HybridSearchAsync(new("a", new float[] { 1, 0, 0, 0 }), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task HybridSearch_RecordsReplacedMeanwhile_SeesEachWriteWholeAndMissesNone()
    {
        await using var store = new EmbeddedVectorStore(new() { MaxDegreeOfParallelism = 2 });
        var collection = await store.CreateCollectionAsync("things", Shape(), Cancel);
        const int Pairs = 20;
        for (var pair = 0; pair < Pairs; pair++)
            await collection.UpsertAsync(Pair(pair, 0), Cancel);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writers = Enumerable.Range(0, 2).Select(writer => Task.Run(async () =>
        {
            for (var version = 1; !stop.IsCancellationRequested; version++)
                await collection.UpsertAsync(Pair((version * 2 % Pairs) + writer, version), Cancel);
        }, Cancel)).ToArray();
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            for (var i = 0; TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(2) || i < 50; i++)
            {
                var all = await collection.HybridSearchAsync(new("everybody", Home(i % Pairs)) { Top = 3 * Pairs }, Cancel);
                all.Select(match => match.Id).Order().ShouldBe(Enumerable.Range(0, 2 * Pairs).Select(n => $"p{n / 2:00}{"ab"[n % 2]}"));
                all.ShouldAllBe(match => match.TextRank != null);
                foreach (var pair in all.GroupBy(match => match.Id[..3]))
                    pair.Select(match => match.Document!.Split(' ')[2]).Distinct().Count().ShouldBe(1, "both of a write or neither");

                var one = await collection.HybridSearchAsync(
                    new($"pair{i % Pairs}", Home(0)) { Fusion = HybridFusion.Weighted(0), Top = 5 }, Cancel);
                one.Select(match => match.Id).Order().ShouldBe([$"p{i % Pairs:00}a", $"p{i % Pairs:00}b"]);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }

        // Odd pairs move, even ones keep their vectors and with them their slots.
        static VectorRecord[] Pair(int pair, int version) =>
        [
            .. "ab".Select(side => new VectorRecord($"p{pair:00}{side}", Home(pair, pair % 2 == 0 ? 0 : version))
            {
                Document = string.Create(CultureInfo.InvariantCulture, $"everybody pair{pair} version{version}"),
            }),
        ];

        static float[] Home(int pair, int version = 0) => [pair, 1, version % 7 * 0.01f, 1];
    }

    internal static VectorCollectionOptions Shape(
        VectorTextIndex mode = VectorTextIndex.OnDemand, VectorIndexKind kind = VectorIndexKind.Hnsw) =>
        new() { Dimensions = Dimensions, Metric = DistanceMetric.L2, Index = kind, TextIndex = mode };

    internal static string Text(Random random, int length) =>
        string.Join(' ', Enumerable.Range(0, length).Select(_ => $"w{(int)(40 * Math.Pow(random.NextDouble(), 2))}"));

    internal static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle())];

    internal static VectorRecord Record(string id, string? text, Random random, int group = 0) =>
        new(id, Vector(random)) { Document = text, Metadata = new() { ["group"] = group } };

    internal static async Task ChangeAsync(IVectorCollection collection, IDictionary<string, string?> model, Random random)
    {
        var id = $"r{random.Next(60)}";
        var text = random.Next(8) == 0 ? null : Text(random, random.Next(1, 15));
        switch (random.Next(5))
        {
            case 0:
                await collection.DeleteAsync([id], Cancel);
                model.Remove(id);
                break;
            case 1 when model.ContainsKey(id) && text is not null:
                await collection.UpdateAsync([new VectorRecordUpdate(id) { Document = text }], Cancel);
                model[id] = text;
                break;
            case 2:
                var batch = Enumerable.Range(0, 40).Select(i => Record($"r{i}", Text(random, 5), random)).ToArray();
                await collection.UpsertAsync(batch, Cancel);
                foreach (var record in batch)
                    model[record.Id] = record.Document;

                break;
            default:
                await collection.UpsertAsync([Record(id, text, random)], Cancel);
                model[id] = text;
                break;
        }
    }

    internal static async Task CheckAsync(
        IVectorCollection collection, IEnumerable<KeyValuePair<string, string?>> model, string query, int top)
    {
        var ranked = Bm25Oracle.Rank(model, query);
        IReadOnlyList<HybridMatch> found;
        for (var attempt = 0; ; attempt++)
        {
            found = await collection.HybridSearchAsync(
                new(query, default(ReadOnlyMemory<float>)) { Fusion = HybridFusion.Weighted(0), Top = top }, Cancel);
            try
            {
                found.Select(match => (match.Id, (double)match.TextScore!)).ToList().ShouldBeTheBest(ranked, top, query);
                break;
            }
            catch (ShouldAssertException) when (attempt < 100)
            {
                // A read in the background that began before the last write keeps what it replaced in the statistics.
                await Task.Delay(20, Cancel);
            }
        }

        found.Select(match => match.TextRank).ShouldBe(Enumerable.Range(1, found.Count).Select(rank => (int?)rank));
        found.ShouldAllBe(match => match.VectorRank == null && match.Distance == null && match.Similarity == null);
    }

    private sealed class FirstLetters : ITextAnalyzer
    {
        public string Name => "first-letters";

        public void Analyze(ReadOnlySpan<char> text, TextTokens tokens)
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (i == 0 || text[i - 1] == ' ')
                    tokens.Add([char.ToLowerInvariant(text[i])], i, 1);
            }
        }
    }

    private sealed class Nameless : ITextAnalyzer
    {
        public string Name => "";

        public void Analyze(ReadOnlySpan<char> text, TextTokens tokens)
        {
        }
    }
}
