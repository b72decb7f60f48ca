using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Data.Vector.Storage;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote; the bytes have passed a checksum, so a misfit means a format this version does not know.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    public int Count()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = Byte();
            value |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
                return value <= int.MaxValue ? (int)value : throw Misfit();
        }

        throw Misfit();
    }

    public string Text() => Encoding.UTF8.GetString(Take(Count()));

    public float[] Floats()
    {
        var count = Count();
        if (count == 0)
            return [];

        var bytes = Take(checked(count * sizeof(float)));
        var values = new float[count];
        if (BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        for (var i = 0; i < count; i++)
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);

        return values;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
            throw Misfit();

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private static InvalidDataException Misfit() =>
        new("The entry ends before its content does; it was written by a version that this one does not know.");
}
