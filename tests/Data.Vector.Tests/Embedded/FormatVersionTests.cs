using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Data.Vector.Storage;

namespace Data.Vector.Tests.Embedded;

/// <summary>
/// Folders written by this and by every earlier format open; what a later one wrote is refused. When a format changes: raise its version,
/// keep the code that reads the old one, and commit a new folder beside the old, which UPDATE_FORMAT_FIXTURE=1 writes.
/// </summary>
public sealed partial class FormatVersionTests
{
    private const int Dimensions = 8, Count = 300, Later = 20;
    private static readonly string Fixtures = Path.Combine(AppContext.BaseDirectory, "Fixtures");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int> Formats => [.. Enumerable.Range(1, CollectionManifest.CurrentFormat)];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Open_FolderOfAFormat_HoldsItsRecordsAndTakesMore(int format)
    {
        await WriteFixtureIfAskedAsync();
        using var folder = new TemporaryFolder();
        await ExtractAsync(format, folder);
        for (var again = 0; again < 2; again++)
        {
            await using var store = new EmbeddedVectorStore(new() { Path = folder.Path, SnapshotJournalBytes = 64 << 10 });
            (await store.ListCollectionsAsync(Cancel)).ShouldBe(["flat", "hnsw"]);
            foreach (var name in new[] { "flat", "hnsw" })
            {
                var collection = await store.GetCollectionAsync(name, Cancel);
                if (again == 0)
                    await collection.UpsertAsync([Record(7)], Cancel);

                (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(Count + Later - 1, name);
                (await collection.GetAsync(["r3"], cancellationToken: Cancel)).ShouldBeEmpty();
                foreach (var i in new[] { 0, 42, Count - 1, Count, Count + Later - 1 })
                {
                    var read = (await collection.GetAsync([$"r{i}"], cancellationToken: Cancel)).ShouldHaveSingleItem();
                    read.Vector.ToArray().ShouldBe(Record(i).Vector.ToArray());
                    read.Document.ShouldBe(Record(i).Document);
                    read.Metadata!.ShouldBe(Record(i).Metadata!);
                    (await collection.SearchAsync(new(Record(i).Vector) { Top = 1, EfSearch = 200 }, Cancel))[0].Id.ShouldBe($"r{i}", name);
                }
            }
        }
    }

    [Theory]
    [InlineData("*.manifest")]
    [InlineData("journal-*.log")]
    [InlineData("snapshot-*.records")]
    [InlineData("snapshot-*.index")]
    public async Task Open_FileOfALaterFormat_IsRefusedByNameAndVersion(string pattern)
    {
        using var folder = new TemporaryFolder();
        await ExtractAsync(CollectionManifest.CurrentFormat, folder);
        foreach (var file in Directory.GetFiles(folder.Path, pattern, SearchOption.AllDirectories))
            await File.WriteAllBytesAsync(file, WithVersion(await File.ReadAllBytesAsync(file, Cancel), 7, pattern), Cancel);

        await using var store = new EmbeddedVectorStore(new() { Path = folder.Path });
        foreach (var name in new[] { "flat", "hnsw" })
        {
            var refusal = await Should.ThrowAsync<VectorStoreCorruptException>(() => store.GetCollectionAsync(name, Cancel));

            refusal.Message.ShouldContain("7");
            refusal.Message.ShouldContain("this");
            refusal.Message.ShouldContain(pattern.Split('*')[^1]);
            refusal.Message.ShouldContain("version");
        }
    }

    private static byte[] WithVersion(byte[] content, int version, string pattern)
    {
        const int HeaderSumAt = 60, VersionAt = 8;
        if (pattern.EndsWith("manifest", StringComparison.Ordinal))
        {
            var json = FormatProperty().Replace(
                Encoding.UTF8.GetString(content.AsSpan(0, content.AsSpan().LastIndexOf("\ncrc32c:"u8))),
                $"\"Format\":{version}");
            return Encoding.UTF8
                .GetBytes($"{json}\ncrc32c:{Crc32C.Compute(Encoding.UTF8.GetBytes(json)).ToString("x8", CultureInfo.InvariantCulture)}\n");
        }

        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(VersionAt), version);
        if (pattern.EndsWith("index", StringComparison.Ordinal))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                        content.AsSpan(SnapshotFormat.HeaderSumAt),
                        SnapshotWriter.HeaderSum(content.AsSpan(0, SnapshotFormat.PageBytes).ToArray()));
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(HeaderSumAt), Crc32C.Compute(content.AsSpan(0, HeaderSumAt)));
        }

        return content;
    }

    private static Task ExtractAsync(int format, TemporaryFolder folder) =>
        ZipFile.ExtractToDirectoryAsync(Path.Combine(Fixtures, $"format-{format}.zip"), folder.Path, Cancel);

    private static async Task WriteFixtureIfAskedAsync()
    {
        if (Environment.GetEnvironmentVariable("UPDATE_FORMAT_FIXTURE") is null)
            return;

        using var folder = new TemporaryFolder();
        await WriteAsync(folder, 64 << 10, async collection =>
        {
            await collection.AddAsync([.. Enumerable.Range(0, Count).Select(Record)], Cancel);
            await collection.DeleteAsync(["r3"], Cancel);
        });

        // Behind the snapshot that closing wrote comes a journal that closing leaves alone.
        await WriteAsync(folder, 32 << 20, collection => collection.AddAsync([.. Enumerable.Range(Count, Later).Select(Record)], Cancel));
        Directory.GetFiles(folder.Path, "snapshot-*", SearchOption.AllDirectories).Length.ShouldBe(4);
        File.Delete(Path.Combine(folder.Path, "store.lock"));
        var source = Path.GetFullPath(
            Path.Combine(AppContext.BaseDirectory, "../../../Fixtures", $"format-{CollectionManifest.CurrentFormat}.zip"));
        foreach (var path in new[] { source, Path.Combine(Fixtures, Path.GetFileName(source)) })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Delete(path);
            await ZipFile.CreateFromDirectoryAsync(folder.Path, path, CompressionLevel.SmallestSize, includeBaseDirectory: false, Cancel);
        }
    }

    private static async Task WriteAsync(TemporaryFolder folder, long snapshotBytes, Func<IVectorCollection, Task> write)
    {
        await using var store = new EmbeddedVectorStore(new() { Path = folder.Path, SnapshotJournalBytes = snapshotBytes });
        foreach (var (name, index) in new[] { ("flat", VectorIndexKind.Flat), ("hnsw", VectorIndexKind.Hnsw) })
        {
            await write(await store.GetOrCreateCollectionAsync(
                name,
                new() { Dimensions = Dimensions, Metric = DistanceMetric.L2, Index = index },
                Cancel));
        }
    }

    private static VectorRecord Record(int i)
    {
        var random = new Random(i);
        return new VectorRecord($"r{i}", Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray())
        {
            Document = i % 2 == 0 ? $"text {i} äöü" : null,
            Metadata = new()
            {
                ["n"] = i,
                ["f"] = i / 4.0,
                ["b"] = i % 3 == 0,
                ["s"] = $"t{i % 5}",
                ["tags"] = new[] { "a", $"t{i % 7}" },
                ["ns"] = new[] { 1L, i }
            },
        };
    }

    [GeneratedRegex("\"Format\":\\d+", RegexOptions.CultureInvariant)]
    private static partial Regex FormatProperty();
}
