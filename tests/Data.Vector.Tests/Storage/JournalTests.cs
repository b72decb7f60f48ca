using Data.Vector.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

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

    [Fact]
    public async Task Read_TwoEntriesOfEqualLengthSwapped_IsDetected()
    {
        using var folder = new TemporaryFolder();
        await FillAsync(folder);
        var first = Path.Combine(folder.Path, JournalSegment.FileName(1));
        var content = await File.ReadAllBytesAsync(first, TestContext.Current.CancellationToken);
        var frame = JournalSegment.FrameHeaderSize + 4;
        var swapped = content.ToArray();
        content.AsSpan(JournalSegment.HeaderSize, frame).CopyTo(swapped.AsSpan(JournalSegment.HeaderSize + frame));
        content.AsSpan(JournalSegment.HeaderSize + frame, frame).CopyTo(swapped.AsSpan(JournalSegment.HeaderSize));
        await File.WriteAllBytesAsync(first, swapped, TestContext.Current.CancellationToken);

        Should.Throw<VectorStoreCorruptException>(() => Read(folder)).Message.ShouldContain("out of order");
    }

    [Fact]
    public async Task Continue_WholeEntryBehindATornOne_DoesNotComeBackBehindTheNextWrite()
    {
        using var folder = new TemporaryFolder();
        var markPath = Path.Combine(folder.Path, CommitMark.FileName);
        byte[] mark;
        await using (var writer = Create(folder))
        {
            await writer.AppendAsync(new byte[] { 1, 1 });
            mark = await File.ReadAllBytesAsync(markPath, TestContext.Current.CancellationToken);
            await writer.AppendAsync(new byte[] { 2, 2 });
            await writer.AppendAsync(new byte[] { 3, 3 });
        }

        await File.WriteAllBytesAsync(markPath, mark, TestContext.Current.CancellationToken);
        var segment = Path.Combine(folder.Path, JournalSegment.FileName(1));
        var content = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        content[^(JournalSegment.FrameHeaderSize + 3)] ^= 1;
        await File.WriteAllBytesAsync(segment, content, TestContext.Current.CancellationToken);

        var opened = CommitMark.Open(folder.Path);
        await using (var writer = JournalWriter.Continue(
            folder.Path, Identity, opened.Position, opened, null, TimeProvider.System, NullLogger.Instance))
        {
            await writer.AppendAsync(new byte[] { 9, 9 });
        }

        var (entries, torn) = Read(folder);
        torn.ShouldBe(0);
        entries.Select(static entry => (int)entry[0]).ShouldBe([1, 9]);
    }

    [Fact]
    public async Task RotateAsync_NextSegmentCannotBeCreated_GoesOnInTheOldOneAndOpensAgain()
    {
        using var folder = new TemporaryFolder();
        var next = Path.Combine(folder.Path, JournalSegment.FileName(2));
        await using (var writer = Create(folder))
        {
            await writer.AppendAsync(new byte[] { 1 });
            Directory.CreateDirectory(next + ".tmp");
            await Should.ThrowAsync<Exception>(writer.RotateAsync);
            File.Exists(next).ShouldBeFalse();
            await writer.AppendAsync(new byte[] { 2 });
            Directory.Delete(next + ".tmp");
            (await writer.RotateAsync()).Segment.ShouldBe(2);
            await writer.AppendAsync(new byte[] { 3 });
        }

        Read(folder).Entries.Select(static entry => (int)entry[0]).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task AppendAsync_Relaxed_MarkFollowsTheFlushAndNeverTheWrite()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider();
        await using var writer = JournalWriter.Create(folder.Path, Identity, TimeSpan.FromSeconds(1), time, NullLogger.Instance);
        var start = Mark();
        await writer.AppendAsync(new byte[] { 1 });
        Mark().ShouldBe(start);

        time.Advance(TimeSpan.FromSeconds(1));

        Mark().ShouldBe(start with { Offset = start.Offset + JournalSegment.FrameHeaderSize + 1, Sequence = 1 });

        JournalPosition Mark()
        {
            using var mark = CommitMark.Open(folder.Path);
            return mark.Position;
        }
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
