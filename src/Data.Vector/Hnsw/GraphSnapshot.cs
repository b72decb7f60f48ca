using System.Runtime.InteropServices;
using Data.Vector.Indexing;
using Data.Vector.Quantization;
using Data.Vector.Storage;

namespace Data.Vector.Hnsw;

/// <summary>Captures a graph for a snapshot and fills a new graph from one.</summary>
internal static unsafe class GraphSnapshot
{
    public const string UpperBlocks = "upper-blocks", UpperLinks = "upper-links", Links = "links";
    public const string CodeOrigins = "code-origins", Codes = "codes", Relinking = "relinking";

    /// <summary>Captures the graph's own sections; the caller is the writer of <see cref="SlotTable.Writers"/>.</summary>
    public static Action<SnapshotWriter> Capture(
        HnswGraph graph, CodeCalibrator calibrator, GraphRelinker relinker, byte[] states)
    {
        var view = graph.View();
        var entry = graph.Entry;
        var record = new GraphRecord
        {
            M = graph.Parameters.M,
            EfConstruction = graph.Parameters.EfConstruction,
            Quantization = (int)graph.Parameters.Quantization,
            EntrySlot = entry.Slot,
            EntryLevel = entry.Level,
            NextCalibration = calibrator.Next,
            HasCodes = view.Book is null ? 0 : 1,
            Seed = graph.Parameters.Seed,
            CodeRange = view.Book?.Range ?? 0,
            ClippedShare = view.Book?.ClippedShare ?? 0,
        };
        return new GraphCapture(view, record, states, relinker.Capture()).Write;
    }

    /// <summary>Fills a new graph whose slot table has been restored.</summary>
    public static void Restore(
        HnswGraph graph, CodeCalibrator calibrator, GraphRelinker relinker, SnapshotReader reader, SlotRecord slots, GraphRecord record)
    {
        var columns = graph.Table.Columns;
        var upperBytes = (long)record.UpperUsed * sizeof(int);
        if (upperBytes > columns.Region(GraphLayout.UpperLinkColumn).Capacity)
            throw reader.Damage(GraphRecord.Section, "it has more upper links than fit");
        columns.Region(GraphLayout.UpperLinkColumn).Commit(upperBytes);
        reader.Read(UpperBlocks, columns[GraphLayout.UpperBlockColumn], (long)slots.Limit * sizeof(int));
        reader.Read(UpperLinks, columns[GraphLayout.UpperLinkColumn], upperBytes);
        reader.Read(Links, columns[GraphLayout.LinkColumn], (long)slots.Limit * columns.Stride(GraphLayout.LinkColumn));
        if (record.HasCodes != 0)
            RestoreCodes(graph, reader, slots, record);
        calibrator.Restore(record.NextCalibration);
        graph.Restore(new EntryPoint(record.EntrySlot, record.EntryLevel), record.UpperUsed);
        if (reader.Has(Relinking))
            relinker.Start(RestoreRelinking(reader, slots));
    }

    private static int[] RestoreRelinking(SnapshotReader reader, SlotRecord slots)
    {
        var relinking = MemoryMarshal.Cast<byte, int>(reader.Read(Relinking)).ToArray();
        return Array.TrueForAll(relinking, slot => (uint)slot < (uint)slots.Limit)
            ? relinking
            : throw reader.Damage(Relinking, "it has slots that the index does not have");
    }

    private static void RestoreCodes(HnswGraph graph, SnapshotReader reader, SlotRecord slots, GraphRecord record)
    {
        var columns = graph.Table.Columns;
        var origins = MemoryMarshal.Cast<byte, float>(reader.Read(CodeOrigins)).ToArray();
        if (origins.Length != slots.Dimension)
            throw reader.Damage(CodeOrigins, "it does not fit the dimension");
        reader.Read(Codes, columns[GraphLayout.CodeColumn], (long)slots.Limit * graph.CodeBytes);
        var book = new CodeBook(graph.Parameters.Metric, origins, record.CodeRange) { ClippedShare = record.ClippedShare };
        graph.Table.Replace(columns.With(GraphLayout.CodeColumn, columns.Region(GraphLayout.CodeColumn), book));
    }
}
