using System.Runtime.InteropServices;
using Data.Vector.Indexing;
using Data.Vector.Storage;

namespace Data.Vector.Hnsw;

/// <summary>The fixed part of a graph in a snapshot: parameters, entry point, sizes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct GraphRecord
{
    public const string Section = "graph";

    public int M;
    public int EfConstruction;
    public int Quantization;
    public int EntrySlot;
    public int EntryLevel;
    public int UpperUsed;
    public int NextCalibration;
    public int HasCodes;
    public ulong Seed;
    public float CodeRange;
    public double ClippedShare;

    public static GraphRecord Read(SnapshotReader reader, SlotRecord slots)
    {
        var bytes = reader.Read(Section);
        if (bytes.Length < Marshal.SizeOf<GraphRecord>())
            throw reader.Damage(Section, "it is too short");
        var record = MemoryMarshal.Read<GraphRecord>(bytes);
        if (record.EntrySlot >= slots.Limit || record.EntryLevel is < 0 or > byte.MaxValue || record.UpperUsed < 1)
            throw reader.Damage(Section, "its values are out of range");
        return record;
    }

    public readonly HnswParameters Parameters(SlotRecord slots, SnapshotReader reader)
    {
        var parameters = new HnswParameters
        {
            Dimension = slots.Dimension,
            Metric = (DistanceMetric)slots.Metric,
            M = M,
            EfConstruction = EfConstruction,
            Quantization = (QuantizationMode)Quantization,
            Seed = Seed,
            Capacity = slots.Limit,
        };
        try
        {
            parameters.Validate();
            return parameters;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw reader.Damage(Section, e.Message);
        }
    }
}
