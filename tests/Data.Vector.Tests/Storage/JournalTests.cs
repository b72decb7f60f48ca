using Data.Vector.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Vector.Tests.Storage;

public sealed class JournalTests
{
    private static readonly Guid Identity = Guid.NewGuid();

    [Fact]
    public async Task Read_WhatWasAppended_ComesBackInOrderAcrossSegments()
    {
        using var folder = new TemporaryFolder();
        await using (var writer = Create(folder))
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(i => writer.AppendAsync(new byte[] { (byte)i }).AsTask()));
            (await writer.RotateAsync()).Segment.ShouldBe(2);
            await writer.AppendAsync(new byte[] { 200 });
        }

        var (entries, torn) = Read(folder);

        torn.ShouldBe(0);
        entries.Count.ShouldBe(51);
        entries.Take(50).Select(entry => (int)entry[0]).Order().ShouldBe(Enumerable.Range(0, 50));
        entries[50].ShouldBe(new byte[] { 200 });
    }

    [Fact]
    public async Task Read_AnyByteOfTheFilesFlipped_IsDetectedAndNamed()
    {
        using var folder = new TemporaryFolder();
        await FillAsync(folder);
        foreach (var file in Directory.GetFiles(folder.Path))
        {
            var sound = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            for (var i = 0; i < sound.Length; i++)
            {
                var damaged = sound.ToArray();
                damaged[i] ^= 0x10;
                await File.WriteAllBytesAsync(file, damaged, TestContext.Current.CancellationToken);

                Should.Throw<VectorStoreCorruptException>(() => Read(folder), $"{Path.GetFileName(file)} at {i}").Message
                    .ShouldContain(Path.GetFileName(file));
            }

            await File.WriteAllBytesAsync(file, sound, TestContext.Current.CancellationToken);
        }

        Read(folder).Entries.Count.ShouldBe(6);
    }

    [Fact]
    public async Task Read_AnyFileCutAnywhere_IsDetectedAndNamed()
    {
        using var folder = new TemporaryFolder();
        await FillAsync(folder);
        foreach (var file in Directory.GetFiles(folder.Path))
        {
            var sound = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            for (var length = 0; length < sound.Length; length++)
            {
                await File.WriteAllBytesAsync(file, sound[..length], TestContext.Current.CancellationToken);

                Should.Throw<VectorStoreCorruptException>(() => Read(folder), $"{Path.GetFileName(file)} cut to {length}");
            }

            await File.WriteAllBytesAsync(file, sound, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Read_BytesBehindTheMark_AreATornEndAndDropped()
    {
        using var folder = new TemporaryFolder();
        await FillAsync(folder);
        var last = Path.Combine(folder.Path, JournalSegment.FileName(2));
        await using (var file = new FileStream(last, FileMode.Append))
            file.Write([0x56, 0x4A, 0x52, 0x46, 9, 9, 9]);

        var (entries, torn) = Read(folder);

        entries.Count.ShouldBe(6);
        torn.ShouldBe(7);
        var mark = CommitMark.Open(folder.Path);
        await using (var writer = JournalWriter.Continue(
            folder.Path,
            Identity,
            mark.Position,
            mark,
            null,
            TimeProvider.System,
            NullLogger.Instance))
        {
            await writer.AppendAsync(new byte[] { 77 });
        }

        Read(folder).Entries[^1].ShouldBe(new byte[] { 77 });
    }

    private static async Task FillAsync(TemporaryFolder folder)
    {
        await using var writer = Create(folder);
        for (var i = 0; i < 6; i++)
        {
            if (i == 3)
                await writer.RotateAsync();

            await writer.AppendAsync(new byte[] { (byte)i, 1, 2, 3 });
        }
    }

    private static JournalWriter Create(TemporaryFolder folder) =>
        JournalWriter.Create(folder.Path, Identity, null, TimeProvider.System, NullLogger.Instance);

    private static (List<byte[]> Entries, long Torn) Read(TemporaryFolder folder)
    {
        using var mark = CommitMark.Open(folder.Path);
        var entries = new List<byte[]>();
        var (_, torn) = JournalReader.Read(folder.Path, Identity, 1, mark.Position, entry => entries.Add(entry.ToArray()));
        return (entries, torn);
    }
}
