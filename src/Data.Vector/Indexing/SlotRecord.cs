using System.Runtime.InteropServices;
using Data.Vector.Storage;

namespace Data.Vector.Indexing;

/// <summary>The fixed part of every snapshot: the kind of index and the number of rows.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct SlotRecord
{
    public const string Section = "index";

    public int Kind;
    public int Dimension;
    public int Metric;
    public int Limit;
    public int Count;

    public static SlotRecord Read(SnapshotReader reader, int kind)
    {
        var bytes = reader.Read(Section);
        if (bytes.Length < Marshal.SizeOf<SlotRecord>())
            throw reader.Damage(Section, "it is too short");
        var record = MemoryMarshal.Read<SlotRecord>(bytes);
        if (record.Kind != kind)
            throw reader.Damage(Section, $"it is of kind {record.Kind}, not {kind}");
        if (record.Dimension < 1 || record.Limit < 0 || record.Count < 0 || record.Count > record.Limit
            || !Enum.IsDefined((DistanceMetric)record.Metric))
        {
            throw reader.Damage(Section, "its values are out of range");
        }

        return record;
    }
}
