using Data.Vector.KeyIndexes;
using Data.Vector.Storage;
using Data.Vector.TextSearch;

namespace Data.Vector.Tests.TextSearch;

public sealed class TextIndexTests
{
    private readonly RecordTable _table = new();
    private readonly SortedDictionary<int, string?> _model = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 65_536, 60)]
    [InlineData(2, 16, 60)]
    [InlineData(3, 16, 12)]
    [InlineData(4, 64, 2_000)]
    public async Task Search_AfterRandomWrites_RanksAsTheOracle(int seed, int limit, int words)
    {
        var random = new Random(seed);
        var index = New(limit);
        for (var step = 0; step < 1_500; step++)
        {
            Change(index, random, words);
            if (step % 50 != 0)
                continue;

            for (var query = 0; query < 5; query++)
                Check(index, Text(random, words, random.Next(1, 5)), random.Next(1, 12));
        }

        await SettledAsync(index);
        index.Segments.Sum(segment => segment.Live).ShouldBe(index.Count, "what was removed while it was merged is not there again");
        index.Count.ShouldBe(_model.Values.Count(text => !string.IsNullOrWhiteSpace(text)));
        index.Length.ShouldBe(_model.Values.Sum(text => text?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length ?? 0));
        for (var query = 0; query < 30; query++)
            Check(index, Text(random, words, random.Next(1, 5)), random.Next(1, 12));
    }

    [Fact]
    public async Task Search_LongListsOfCommonWords_SkipsThemAndRanksAsTheOracle()
    {
        // Lists of more than 2,048 documents are skipped once they cannot change the best.
        var random = new Random(11);
        var index = New(TextSegment.MaxDocuments);
        for (var slot = 0; slot < 6_000; slot++)
        {
            var (of, rare) = (slot % 3 == 0 ? "of " : "", slot % 500 == 0 ? " rare" : "");
            Put(index, slot, $"the {of}{Text(random, 400, random.Next(1, 30))} the{rare}");
        }

        foreach (var slot in Enumerable.Range(0, 6_000).Where(slot => slot % 7 == 0))
            Delete(index, slot);

        await SettledAsync(index);
        foreach (var query in new[] { "the", "the of", "the rare", "of the rare w3", "the w1 w2", "w0 of", "rare rare the", "the of w399" })
        {
            foreach (var top in new[] { 1, 3, 10, 100, 10_000 })
                Check(index, query, top);
        }
    }

    [Fact]
    public void Search_WordsThatNoTextHas_FindsNothing()
    {
        var index = New(64);
        Put(index, 0, "alpha beta");
        Search(index, "gamma", 5).ShouldBeEmpty();
        Search(index, "...", 5).ShouldBeEmpty();
        Put(index, 0, null);
        Search(index, "alpha", 5).ShouldBeEmpty();
        index.Count.ShouldBe(0);
    }

    [Fact]
    public void Search_FrequencyAbove255_CountsAs255()
    {
        var index = New(64);
        Put(index, 0, string.Join(' ', Enumerable.Repeat("often", 400)));
        Put(index, 1, "often other");
        var expected = Bm25Oracle.Rank(_model.Select(text => KeyValuePair.Create($"r{text.Key}", text.Value)), "often")[0].Score;
        Search(index, "often", 1)[0].Score.ShouldBe(expected, expected * 0.005);
    }

    [Fact]
    public async Task Bytes_TermsThatNobodyHasAnyMore_DoNotStay()
    {
        var index = New(1_024);
        for (var i = 0; i < 200; i++)
            Put(index, i % 50, $"stays w{i % 50}");

        for (var i = 0; i < 40_000; i++)
        {
            Put(index, i % 50, $"stays unique{i} other{i}");

            // Merges run in the background; writers do not wait for them.
            if (i % 1_000 == 0)
                await SettledAsync(index);
        }

        await SettledAsync(index);
        index.Bytes.ShouldBeLessThan(4 << 20);
        index.Vocabulary.Limit.ShouldBeLessThan(20_000, "numbers of terms are used again");
        Check(index, "stays unique39999", 10);
        Search(index, "unique3", 10).ShouldBeEmpty();
    }

    [Fact]
    public void Update_AnalyzerThatFails_LeavesTheTextOut()
    {
        var failures = new List<Exception>();
        var index = new TextIndex(new Failing(), failures.Add);
        _table.Write(0, Record(0, "good"));
        index.Update(0, _table);
        _table.Write(1, Record(1, "bad"));
        index.Update(1, _table);

        failures.ShouldHaveSingleItem().ShouldBeOfType<InvalidOperationException>();
        index.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Search_WhileTextsAreReplaced_ReturnsTextsThatHaveTheWord()
    {
        var index = New(256);
        for (var slot = 0; slot < 100; slot++)
            Put(index, slot, $"word v{slot}");

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writer = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
                Put(index, i % 100, $"word w{i % 977} v{i % 100}");
        }, Cancel);
        for (var i = 0; i < 3_000; i++)
        {
            Search(index, "word", 200).ShouldAllBe(hit => hit.Score > 0);
            Search(index, $"v{i % 100}", 5).ShouldAllBe(hit => hit.Id == $"r{i % 100}");
        }

        await stop.CancelAsync();
        await writer;
        await SettledAsync(index);
        for (var i = 0; i < 20; i++)
            Check(index, $"word w{i * 31} v{i}", 10);
    }

    [Theory]
    [InlineData(1, 65_536)]
    [InlineData(2, 16)]
    public async Task Attach_SlotsThatChangedSinceTheSnapshot_RanksAsTheOracle(int seed, int limit)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var saved = New(limit);
        for (var step = 0; step < 400; step++)
            Change(saved, random, 40);

        // As when a record moves while the snapshot is written: the file lacks its text.
        var at = new Dictionary<int, string?>(_model);
        var lacking = _model.Keys.Last(slot => !string.IsNullOrWhiteSpace(_model[slot]));
        saved.Remove(lacking, VectorMetadata.Empty, new RecordTable());
        var path = Path.Combine(folder.Path, "snapshot");
        using (var writer = new SnapshotWriter(path, Cancel))
        {
            TextSnapshot.Write(writer, saved, _table.Capture());
            writer.Complete();
        }

        // Writers know the new index from the start; one write is half-way when the snapshot is read.
        var index = New(limit);
        index.BeginAttach();
        for (var step = 0; step < 60; step++)
            Change(index, random, 60);

        var slot = _model.Keys.First(slot => !string.IsNullOrWhiteSpace(_model[slot]) && at.GetValueOrDefault(slot) == _model[slot]);
        _model[slot] = "w1 w2 halfway";
        var version = _table.Supersede(slot, Record(slot, _model[slot]));
        version.Since = 0;
        using (var reader = new SnapshotReader(path))
            TextSnapshot.Read(reader, index, _table, Cancel).ShouldBeTrue();

        index.EndAttach();
        index.Update(slot, _table);
        _table.Settle(slot, version);
        index.Remove(slot, VectorMetadata.Empty, _table);
        for (var every = 0; every < 120; every++)
            index.Update(every, _table);

        await SettledAsync(index);
        index.Segments.Sum(segment => segment.Live).ShouldBe(index.Count);
        index.Count.ShouldBe(_model.Values.Count(text => !string.IsNullOrWhiteSpace(text)));
        index.Length.ShouldBe(_model.Values.Sum(text => text?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length ?? 0));
        for (var query = 0; query < 50; query++)
            Check(index, Text(random, 60, random.Next(1, 5)), random.Next(1, 12));

        Check(index, "halfway w1", 5);
        for (var step = 0; step < 200; step++)
            Change(index, random, 60);

        await SettledAsync(index);
        for (var query = 0; query < 20; query++)
            Check(index, Text(random, 60, random.Next(1, 5)), random.Next(1, 12));
    }

    [Fact]
    public void Words_OfRemovedTexts_AreNotFound()
    {
        var index = New(64);
        for (var slot = 0; slot < 100; slot++)
            Put(index, slot, $"all even{slot % 2} w{slot}");

        for (var slot = 0; slot < 100; slot += 3)
            Put(index, slot, "other");

        using var found = new SlotBitmap(100);
        WordMatches.Collect(index, ["all", "even1"], found);
        var slots = new List<int>();
        found.ForEach(slots.Add);
        slots.ShouldBe(Enumerable.Range(0, 100).Where(slot => slot % 2 == 1 && slot % 3 != 0));
    }

    private static TextIndex New(int limit) => new(UnicodeTextAnalyzer.Instance, static exception => throw exception, limit);

    private static async Task SettledAsync(TextIndex index)
    {
        Task merging;
        while (!(merging = index.Merging).IsCompletedSuccessfully)
            await merging.WaitAsync(Cancel);
    }

    private static string Text(Random random, int words, int length) => string.Join(
        ' ', Enumerable.Range(0, length).Select(_ => $"w{(int)(words * Math.Pow(random.NextDouble(), 3))}"));

    private static VectorRecord Record(int slot, string? text) =>
        new($"r{slot}", default(ReadOnlyMemory<float>)) { Document = text, Metadata = VectorMetadata.Empty };

    private void Change(TextIndex index, Random random, int words)
    {
        var slot = random.Next(120);
        switch (random.Next(10))
        {
            case 0:
                Delete(index, slot);
                break;
            case 1:
                Put(index, slot, random.Next(2) == 0 ? null : " ");
                break;
            default:
                Put(index, slot, Text(random, words, random.Next(1, 40)));
                break;
        }
    }

    private void Put(TextIndex index, int slot, string? text)
    {
        // As StoredRecords does it: the new record first, then the end of the old one.
        if (_model.ContainsKey(slot))
        {
            var version = _table.Supersede(slot, Record(slot, text));
            version.Since = 0;
            index.Update(slot, _table);
            _table.Settle(slot, version);
            index.Remove(slot, VectorMetadata.Empty, _table);
        }
        else
        {
            _table.Write(slot, Record(slot, text));
            index.Update(slot, _table);
        }

        _model[slot] = text;
    }

    private void Delete(TextIndex index, int slot)
    {
        if (!_model.Remove(slot))
            return;

        _table.Clear(slot);
        index.Remove(slot, VectorMetadata.Empty, _table);
    }

    private void Check(TextIndex index, string query, int top)
    {
        var ranked = Bm25Oracle.Rank(_model.Select(text => KeyValuePair.Create($"r{text.Key}", text.Value)), query);
        Search(index, query, top).ShouldBeTheBest(ranked, top, $"'{query}', top {top}");
    }

    private List<(string Id, double Score)> Search(TextIndex index, string query, int top)
    {
        var hits = new TextHit[top];
        var count = new TextSearcher(index).Search(query, new Current(_table), hits, Cancel);
        return [.. hits.Take(count).Select(hit => (hit.Record.Id, (double)hit.Score))];
    }

    private sealed class Current(RecordTable table) : ITextVisibility
    {
        public bool Sees(int slot, VectorRecord record) => ReferenceEquals(table[slot], record);
    }

    private sealed class Failing : ITextAnalyzer
    {
        public string Name => "failing";

        public void Analyze(ReadOnlySpan<char> text, TextTokens tokens)
        {
            tokens.Add(text, 0, text.Length);
            if (text is "bad")
                throw new InvalidOperationException("bad");
        }
    }
}
