namespace Data.Vector.Hnsw;

/// <summary>Where searches begin: a node of the highest level, and that level. Packed into 64 bits so that one read returns both.</summary>
internal readonly record struct EntryPoint(int Slot, int Level)
{
    public static readonly EntryPoint None = new(-1, 0);

    public bool Exists => Slot >= 0;

    public static EntryPoint Unpack(long packed) => new((int)(packed >> 8), (int)(packed & 0xFF));

    public long Pack() => ((long)Slot << 8) | (uint)Level;
}
