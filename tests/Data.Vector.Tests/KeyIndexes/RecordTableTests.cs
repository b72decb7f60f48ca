using Data.Vector.KeyIndexes;

namespace Data.Vector.Tests.KeyIndexes;

public sealed class RecordTableTests
{
    private readonly RecordTable _table = new();
    private int _reads;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void TryGetSlot_RecordsOnDisk_ReadsTheBlockOfTheIdOnly()
    {
        Attach(blocks: 3, size: 2);
        _table.TryGetSlot("r3", out var slot).ShouldBeTrue();
        slot.ShouldBe(3);
        _table.TryGetSlot("r2", out _).ShouldBeTrue();
        _table[2]!.Id.ShouldBe("r2");
        _table.TryGetSlot("nobody", out _).ShouldBeFalse();
        _reads.ShouldBe(1);
    }

    [Fact]
    public void ReadAll_ChangedMeanwhile_KeepsWhatIsNewer()
    {
        Attach(blocks: 3, size: 2);
        Move("r0", from: 0, to: 6);
        Delete("r1", 1);
        _table.Write(1, Record("other"));
        _table.Locate("other", 1);
        var version = _table.Supersede(4, Record("r4"));

        _table.Contains("r1").ShouldBeFalse();
        _table.ReadAll(Cancel);
        _table.Contains("r1").ShouldBeFalse();
        Slot("r0").ShouldBe(6);
        Slot("other").ShouldBe(1);
        _table[0].ShouldBeNull();
        _table[1]!.Id.ShouldBe("other");
        _table[4].ShouldBeSameAs(version.Record);
        _table.Ids().Order().ShouldBe(["other", "r0", "r2", "r3", "r4", "r5"]);
        _table.Count.ShouldBe(6);
        Delete("r2", 2);
        _table.Contains("r2").ShouldBeFalse();
        _table.Count.ShouldBe(5);
    }

    [Fact]
    public void ReadAll_Bytes_AreThoseOfRecordsThatWereReadBefore()
    {
        var eager = new RecordTable();
        for (var slot = 0; slot < 6; slot++)
            eager.TryRestore(slot, Record($"r{slot}")).ShouldBeTrue();
        Attach(blocks: 3, size: 2);
        _ = _table[3];
        _table.Bytes.ShouldBeInRange(1, eager.Bytes - 1);
        _table.ReadAll(Cancel);
        _table.Bytes.ShouldBe(eager.Bytes);
    }

    [Fact]
    public void Capture_RecordsOnDisk_WaitsForThem()
    {
        Attach(blocks: 1, size: 2);
        Should.Throw<InvalidOperationException>(_table.Capture);
        _table.ReadAll(Cancel);
        _table.Capture().OfType<VectorRecord>().Count().ShouldBe(2);
    }

    [Fact]
    public void Cell_BlockWithoutItsRecord_IsCorrupt()
    {
        var block = new UnreadBlock(() => []);
        _table.Attach(new UnreadRecords([block], _ => []), [(0, block)]);
        Should.Throw<VectorStoreCorruptException>(() => _table[0]).Message.ShouldContain("slot 0");
    }

    [Fact]
    public async Task TryGetSlot_WhileRecordsAreReadAndDeleted_NeverReturnsADeletedOne()
    {
        const int count = 2_000;
        Attach(blocks: count / 10, size: 10);
        var deleted = 0;
        var reading = Task.Run(() => _table.ReadAll(Cancel), Cancel);
        var checking = Task.Run(() =>
        {
            while (Volatile.Read(ref deleted) < count)
            {
                for (var i = Volatile.Read(ref deleted) - 1; i >= 0; i -= 7)
                    _table.Contains($"r{i}").ShouldBeFalse();
            }
        }, Cancel);
        for (var i = 0; i < count; i++)
        {
            Delete($"r{i}", i);
            Volatile.Write(ref deleted, i + 1);
        }

        await Task.WhenAll(reading, checking);
        _table.Ids().ShouldBeEmpty();
    }

    private static VectorRecord Record(string id) => new(id, default(ReadOnlyMemory<float>)) { Metadata = VectorMetadata.Empty };

    private int Slot(string id)
    {
        _table.TryGetSlot(id, out var slot).ShouldBeTrue();
        return slot;
    }

    private void Move(string id, int from, int to)
    {
        Slot(id).ShouldBe(from);
        _table.Write(to, Record(id));
        _table.Locate(id, to);
        _table.Clear(from);
    }

    private void Delete(string id, int slot)
    {
        Slot(id).ShouldBe(slot);
        _table.Forget(id);
        _table.Clear(slot);
    }

    private void Attach(int blocks, int size)
    {
        UnreadBlock[] all =
        [
            .. Enumerable.Range(0, blocks).Select(b => new UnreadBlock(() =>
            {
                Interlocked.Increment(ref _reads);
                return [.. Enumerable.Range(b * size, size).Select(slot => (slot, Record($"r{slot}")))];
            })),
        ];
        _table.Attach(
            new UnreadRecords(all, id => int.TryParse(id.AsSpan(1), out var slot) && slot < blocks * size ? [slot] : []),
            Enumerable.Range(0, blocks * size).Select(slot => (slot, all[slot / size])));
    }
}
