using System.IO.Compression;
using Data.Vector.Tests.Telemetry;

namespace Data.Vector.Tests.Embedded;

/// <summary>The text index across restarts: what a snapshot saves of it, and what happens where it saves nothing or is damaged.</summary>
public sealed class TextIndexRestartTests : IDisposable
{
    private const int Many = 1_500;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(VectorTextIndex.OnDemand)]
    [InlineData(VectorTextIndex.Always)]
    public async Task Open_AfterHybridSearches_ReadsTheIndexInsteadOfTheTexts(VectorTextIndex mode)
    {
        var model = await FillAsync(mode, search: true);
        var analyzer = new Counting();
        await using var store = Open(analyzer);
        var collection = await store.GetCollectionAsync("things", Cancel);
        for (var i = 0; i < 10; i++)
            await HybridSearchTests.CheckAsync(collection, model, $"w{i} w{i * 3}", 10);

        analyzer.Texts.ShouldBeLessThan(100, "the searches and the journal, not the records");
    }

    [Fact]
    public async Task Open_WritesAfterTheSnapshotAndManyRestarts_FollowsThem()
    {
        var model = await FillAsync(VectorTextIndex.OnDemand, search: true);
        var random = new Random(3);
        for (var restart = 0; restart < 6; restart++)
        {
            await using var store = Open(snapshotBytes: restart % 2 == 0 ? 64 << 10 : 32 << 20);
            var collection = await store.GetCollectionAsync("things", Cancel);
            for (var step = 0; step < 60; step++)
                await HybridSearchTests.ChangeAsync(collection, model, random);

            for (var i = 0; i < 5; i++)
                await HybridSearchTests.CheckAsync(collection, model, HybridSearchTests.Text(random, 3), 10);
        }
    }

    [Fact]
    public async Task Open_NoHybridSearchBefore_BuildsTheIndexOnlyWhenAsked()
    {
        var model = await FillAsync(VectorTextIndex.OnDemand, search: false);
        var analyzer = new Counting();
        await using var store = Open(analyzer);
        var collection = await store.GetCollectionAsync("things", Cancel);
        await collection.UpsertAsync([HybridSearchTests.Record("new", "w1", new Random(1))], Cancel);
        model["new"] = "w1";
        analyzer.Texts.ShouldBe(0);

        await HybridSearchTests.CheckAsync(collection, model, "w1 w2", 10);
    }

    [Fact]
    public async Task Open_OtherAnalyzer_BuildsTheIndexAnew()
    {
        var model = await FillAsync(VectorTextIndex.Always, search: true);
        await using var store = Open(new Counting("counting-2") { Mark = "x" });
        var collection = await store.GetCollectionAsync("things", Cancel);
        await HybridSearchTests.CheckAsync(collection, model, "w1 w2", 10);
    }

    [Theory]
    [InlineData("text.terms")]
    [InlineData("text.segments")]
    public async Task Open_SavedIndexDamaged_BuildsItAnewAndSaysSo(string section)
    {
        var model = await FillAsync(VectorTextIndex.OnDemand, search: true);
        Damage(Directory.GetFiles(_folder.Path, "*.index", SearchOption.AllDirectories).Single(), section);
        var loggers = new ListLoggers();
        await using var store = new EmbeddedVectorStore(new() { Path = _folder.Path }, loggerFactory: loggers)
        {
            TextAnalyzer = new Counting(),
        };
        var collection = await store.GetCollectionAsync("things", Cancel);

        await HybridSearchTests.CheckAsync(collection, model, "w1 w2", 10);

        loggers.Lines.ShouldContain(
            line => line.Id == 3012 && line.Text.Contains(section, StringComparison.Ordinal), string.Join('\n', loggers.Lines));
    }

    [Fact]
    public async Task Open_FolderOfTheFirstFormat_BuildsItsIndex()
    {
        await ZipFile.ExtractToDirectoryAsync(Path.Combine(AppContext.BaseDirectory, "Fixtures", "format-1.zip"), _folder.Path, Cancel);
        for (var again = 0; again < 2; again++)
        {
            await using var store = new EmbeddedVectorStore(new() { Path = _folder.Path });
            foreach (var name in new[] { "flat", "hnsw" })
            {
                var collection = await store.GetCollectionAsync(name, Cancel);
                var model = new Dictionary<string, string?>();
                await foreach (var record in collection.StreamAsync(cancellationToken: Cancel))
                    model[record.Id] = record.Document?.ToLowerInvariant();

                var word = model.Values.OfType<string>().SelectMany(text => text.Split(' ')).Distinct().Order(StringComparer.Ordinal).First(
                    word => word.All(char.IsAsciiLetterOrDigit));
                await HybridSearchTests.CheckAsync(collection, model, word, 10);
            }
        }
    }

    [Fact]
    public async Task Close_WhileTheIndexIsBuilt_Ends()
    {
        await FillAsync(VectorTextIndex.OnDemand, search: false);
        var analyzer = new Counting { Gate = new SemaphoreSlim(0) };
        var store = Open(analyzer);
        var collection = await store.GetCollectionAsync("things", Cancel);
        var search = collection.HybridSearchAsync(new("w1", new float[] { 1, 0, 0, 0 }), Cancel);
        await analyzer.Begun.Task.WaitAsync(Cancel);
        var closing = store.DisposeAsync().AsTask();
        while (!closing.IsCompleted)
        {
            analyzer.Gate.Release();
            await Task.Delay(1, Cancel);
        }

        await closing;

        (await Record.ExceptionAsync(() => search))?.ShouldBeOfType<ObjectDisposedException>();
        analyzer.Texts.ShouldBeLessThan(Many);
    }

    private static void Damage(string path, string section)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        var header = new byte[4096];
        file.ReadExactly(header);
        var name = System.Text.Encoding.ASCII.GetBytes(section);
        var at = header.AsSpan().IndexOf(name);
        file.Position = BitConverter.ToInt64(header, at + 16) + 20;
        var value = (byte)file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 0x20));
    }

    private EmbeddedVectorStore Open(ITextAnalyzer? analyzer = null, long snapshotBytes = 32 << 20) =>
        new(new() { Path = _folder.Path, SnapshotJournalBytes = snapshotBytes, MaxDegreeOfParallelism = 2 })
        {
            TextAnalyzer = analyzer ?? new Counting(),
        };

    private async Task<Dictionary<string, string?>> FillAsync(VectorTextIndex mode, bool search)
    {
        var random = new Random(9);
        var model = new Dictionary<string, string?>();

        // On demand the index itself is the reason for a snapshot.
        await using var store = Open(snapshotBytes: mode == VectorTextIndex.Always ? 64 << 10 : 32 << 20);
        var collection = await store.CreateCollectionAsync("things", HybridSearchTests.Shape(mode), Cancel);
        for (var i = 0; i < Many; i += 100)
        {
            var batch = Enumerable.Range(i, 100)
                .Select(n => HybridSearchTests.Record($"r{n}", HybridSearchTests.Text(random, 12), random))
                .ToArray();
            await collection.UpsertAsync(batch, Cancel);
            foreach (var record in batch)
                model[record.Id] = record.Document;
        }

        if (search)
            await HybridSearchTests.CheckAsync(collection, model, "w1 w2", 10);

        return model;
    }

    private sealed class Counting(string name = "counting-1") : ITextAnalyzer
    {
        private int _texts;

        public string Name => name;

        public int Texts => Volatile.Read(ref _texts);

        public SemaphoreSlim? Gate { get; init; }

        /// <summary>Begins every term.</summary>
        public string Mark { get; init; } = "";

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Analyze(ReadOnlySpan<char> text, TextTokens tokens)
        {
            Interlocked.Increment(ref _texts);
            Begun.TrySetResult();
            Gate?.Wait(Cancel);
            if (Mark.Length == 0)
            {
                UnicodeTextAnalyzer.Instance.Analyze(text, tokens);
                return;
            }

            var words = new TextTokens();
            UnicodeTextAnalyzer.Instance.Analyze(text, words);
            for (var i = 0; i < words.Count; i++)
                tokens.Add(string.Concat(Mark, words[i].Term), words[i].Start, words[i].Length);
        }
    }
}
