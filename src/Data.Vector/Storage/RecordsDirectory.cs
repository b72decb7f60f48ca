using System.Buffers.Binary;
using System.Text;

namespace Data.Vector.Storage;

/// <summary>
/// Where the records of a file lie: each block with the first slot in it, and the slots by a hash of their ids. With it a collection
/// answers before its records have been read.
/// </summary>
/// <remarks>
/// Eight bytes: how many blocks. For each its position in the file (eight bytes) and first slot (four bytes). Then for each record the
/// CRC-32C of its id in UTF-8 and its slot (four bytes each), in order of the two.
/// </remarks>
internal sealed class RecordsDirectory
{
    private const int BlockBytes = 12;

    private readonly ulong[] _slotsByHash;

    private RecordsDirectory((long Position, int FirstSlot)[] blocks, ulong[] slotsByHash)
    {
        Blocks = blocks;
        _slotsByHash = slotsByHash;
    }

    /// <summary>The blocks in the order of their slots.</summary>
    public IReadOnlyList<(long Position, int FirstSlot)> Blocks { get; }

    /// <summary>The number of records.</summary>
    public int Count => _slotsByHash.Length;

    /// <summary>Reads a directory that has passed its checksum.</summary>
    /// <exception cref="InvalidDataException">Its parts do not fit together.</exception>
    public static RecordsDirectory Read(ReadOnlySpan<byte> content)
    {
        var reader = new ByteReader(content);
        var count = reader.Int64();
        if (count < 0 || count > content.Length / BlockBytes)
            throw new InvalidDataException("The directory of the records does not fit its length.");

        var blocks = new (long, int)[count];
        for (var i = 0; i < blocks.Length; i++)
            blocks[i] = (reader.Int64(), reader.Int32());

        var slots = new ulong[(content.Length - sizeof(long) - (blocks.Length * BlockBytes)) / sizeof(ulong)];
        for (var i = 0; i < slots.Length; i++)
            slots[i] = (ulong)reader.Int64();

        return reader.IsAtEnd
            ? new RecordsDirectory(blocks, slots)
            : throw new InvalidDataException("The directory of the records does not fit its length.");
    }

    /// <summary>Returns the slots that may hold a record with this id; the record decides.</summary>
    public IEnumerable<int> Slots(string id)
    {
        var first = (ulong)Hash(id) << 32;
        var at = Array.BinarySearch(_slotsByHash, first);
        for (at = at < 0 ? ~at : at; at < _slotsByHash.Length && _slotsByHash[at] >> 32 == first >> 32; at++)
            yield return (int)_slotsByHash[at];
    }

    private static uint Hash(string id)
    {
        Span<byte> bytes = stackalloc byte[512];
        return Crc32C.Compute(Encoding.UTF8.TryGetBytes(id, bytes, out var written) ? bytes[..written] : Encoding.UTF8.GetBytes(id));
    }

    /// <summary>Collects the directory while the file is written.</summary>
    internal sealed class Builder
    {
        private readonly List<(long Position, int FirstSlot)> _blocks = [];
        private readonly List<ulong> _slots = [];

        public int Count => _slots.Count;

        public void Begin(long position, int slot) => _blocks.Add((position, slot));

        public void Add(int slot, string id) => _slots.Add(((ulong)Hash(id) << 32) | (uint)slot);

        public void Write(ByteWriter writer)
        {
            _slots.Sort();
            writer.Int64(_blocks.Count);
            foreach (var (position, slot) in _blocks)
            {
                writer.Int64(position);
                writer.Int32(slot);
            }

            foreach (var entry in _slots)
                writer.Int64((long)entry);
        }
    }
}
