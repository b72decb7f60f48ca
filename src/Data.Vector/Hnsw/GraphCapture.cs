using System.Runtime.InteropServices;
using Data.Vector.Indexing;
using Data.Vector.Quantization;
using Data.Vector.Storage;

namespace Data.Vector.Hnsw;

/// <summary>
/// Writes the graph as of one moment from memory that keeps changing. Lists are read when they are written; links to nodes that did not
/// exist at that moment are left out. The result is a valid graph that lacks a link where a newer node has displaced one; replaying the
/// journal adds that node again.
/// </summary>
internal sealed unsafe class GraphCapture(GraphView graph, GraphRecord record, byte[] states, int[] relinking)
{
    private readonly int[] _upperBlocks = new ReadOnlySpan<int>(graph.UpperBlocks, graph.Limit).ToArray();

    public void Write(SnapshotWriter writer)
    {
        var own = record;
        var blocks = CompactBlocks(out own.UpperUsed);
        writer.Section(GraphRecord.Section, w => w.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<GraphRecord>(in own))));
        writer.Section(GraphSnapshot.UpperBlocks, w => w.Append(MemoryMarshal.AsBytes(blocks.AsSpan())));
        writer.Section(GraphSnapshot.UpperLinks, WriteUpperLinks);
        writer.Section(GraphSnapshot.Links, WriteBaseLinks);
        if (relinking.Length > 0)
            writer.Section(GraphSnapshot.Relinking, w => w.Append(MemoryMarshal.AsBytes(relinking.AsSpan())));
        if (graph.Book is not { } book)
            return;
        writer.Section(GraphSnapshot.CodeOrigins, w => w.Append(MemoryMarshal.AsBytes(book.Origins)));
        writer.Section(GraphSnapshot.Codes, w => w.Append(graph.Codes, (long)graph.Limit * book.CodeBytes));
    }

    private int[] CompactBlocks(out int used)
    {
        var blocks = new int[_upperBlocks.Length];
        used = 1;
        for (var slot = 0; slot < blocks.Length; slot++)
        {
            if (_upperBlocks[slot] == 0)
                continue;
            blocks[slot] = used;
            used += 1 + (graph.UpperLinks[_upperBlocks[slot]] * graph.M);
        }

        return blocks;
    }

    private void WriteUpperLinks(SnapshotWriter writer)
    {
        var level = 0;
        writer.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in level)));
        for (var slot = 0; slot < _upperBlocks.Length; slot++)
        {
            if (_upperBlocks[slot] == 0)
                continue;
            level = graph.UpperLinks[_upperBlocks[slot]];
            writer.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in level)));
            for (var l = 0; l < level; l++)
                WriteList(writer, slot, graph.UpperLinks + _upperBlocks[slot] + 1 + (l * graph.M), graph.M);
        }
    }

    private void WriteBaseLinks(SnapshotWriter writer)
    {
        for (var slot = 0; slot < graph.Limit; slot++)
            WriteList(writer, slot, graph.Links(slot, 0), graph.Width(0));
    }

    private void WriteList(SnapshotWriter writer, int slot, int* links, int width)
    {
        Span<int> list = stackalloc int[width];
        list.Fill(GraphView.NoLink);
        var count = 0;
        for (var i = 0; i < width && states[slot] != SlotState.Free; i++)
        {
            var link = Volatile.Read(ref links[i]);
            if (link < 0)
                break;
            if (link < states.Length && states[link] != SlotState.Free)
                list[count++] = link;
        }

        writer.Append(MemoryMarshal.AsBytes(list));
    }
}
