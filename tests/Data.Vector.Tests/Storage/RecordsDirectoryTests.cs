using System.Text;
using Data.Vector.Storage;

namespace Data.Vector.Tests.Storage;

public sealed class RecordsDirectoryTests
{
    [Fact]
    public void Slots_IdsOfOneHash_ReturnsAllOfThem()
    {
        var (one, other) = IdsOfOneHash();
        var directory = Written((7, one), (9, "between"), (4, other));
        directory.Slots(one).ShouldBe([4, 7]);
        directory.Slots("between").ShouldBe([9]);
        directory.Slots("nobody").ShouldBeEmpty();
        directory.Count.ShouldBe(3);
    }

    [Fact]
    public void Slots_LongId_IsFound()
    {
        var id = new string('ä', 400);
        Written((3, id)).Slots(id).ShouldBe([3]);
    }

    [Fact]
    public void Read_CutOff_IsRefused()
    {
        var writer = new ByteWriter(64);
        var builder = new RecordsDirectory.Builder();
        builder.Begin(64, 0);
        builder.Add(0, "a");
        builder.Write(writer);
        Should.Throw<InvalidDataException>(() => RecordsDirectory.Read(writer.Written.Span[..^1]));
        Should.Throw<InvalidDataException>(() => RecordsDirectory.Read(writer.Written.Span[..10]));
        RecordsDirectory.Read(writer.Written.Span).Blocks.ShouldBe([(64L, 0)]);
    }

    private static RecordsDirectory Written(params (int Slot, string Id)[] records)
    {
        var builder = new RecordsDirectory.Builder();
        foreach (var (slot, id) in records)
            builder.Add(slot, id);
        var writer = new ByteWriter(64);
        builder.Write(writer);
        return RecordsDirectory.Read(writer.Written.Span);
    }

    private static (string One, string Other) IdsOfOneHash()
    {
        var seen = new Dictionary<uint, string>();
        for (var i = 0; ; i++)
        {
            var id = $"{i * 7919L}-{i}";
            if (!seen.TryAdd(Crc32C.Compute(Encoding.UTF8.GetBytes(id)), id))
                return (seen[Crc32C.Compute(Encoding.UTF8.GetBytes(id))], id);
        }
    }
}
