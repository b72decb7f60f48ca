using Data.Vector.Internal;

namespace Data.Vector.Tests.Internal;

public sealed unsafe class NativeRegionTests
{
    private const int Megabyte = 1 << 20, Step = 8 << 10;

    [Fact]
    public void Commit_SmallRegion_TakesLittle()
    {
        using var region = new NativeRegion(64 * Megabyte);
        region.Commit(1);
        region.Committed.ShouldBe(64 << 10);
    }

    [Fact]
    public void Commit_GrowingPastHugePages_KeepsWhatWasWritten()
    {
        using var region = new NativeRegion(7 * Megabyte);
        for (var bytes = Step; bytes <= 7 * Megabyte; bytes += Step)
        {
            region.Commit(bytes);
            *(int*)(region.Base + bytes - Step) = bytes;
            ((int*)(region.Base + bytes))[-1].ShouldBe(0);
        }

        for (var bytes = Step; bytes <= 7 * Megabyte; bytes += Step)
            (*(int*)(region.Base + bytes - Step)).ShouldBe(bytes);
        region.Committed.ShouldBe(region.Capacity);
        Should.Throw<ArgumentOutOfRangeException>(() => region.Commit(region.Capacity + 1));
    }

    [Fact]
    public void Commit_LargeRegion_EndsAtAHugePage()
    {
        using var region = new NativeRegion(64 * Megabyte);
        region.Commit((5 * Megabyte) + 1);
        region.Committed.ShouldBe(6 * Megabyte);
    }

    [Fact]
    public void Commit_BehindAMappedFile_KeepsTheFilesBytes()
    {
        var path = Path.GetTempFileName();
        try
        {
            var bytes = new byte[(3 * Megabyte) + 100];
            new Random(1).NextBytes(bytes);
            File.WriteAllBytes(path, bytes);
            using var file = File.OpenHandle(path);
            using var region = new NativeRegion(32 * Megabyte);
            region.TryMap(file, 0, bytes.Length).ShouldBe(!OperatingSystem.IsWindows());
            if (OperatingSystem.IsWindows())
                return;
            region.Commit(20 * Megabyte);
            new Span<byte>(region.Base + (10 * Megabyte), 10 * Megabyte).Fill(7);
            new ReadOnlySpan<byte>(region.Base, bytes.Length).SequenceEqual(bytes).ShouldBeTrue();
            region.Mapped.ShouldBeGreaterThanOrEqualTo(bytes.Length);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
