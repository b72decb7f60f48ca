namespace Data.Vector.Hnsw;

/// <summary>
/// Draws node levels: each level holds 1/M of the nodes of the one below. The level depends on seed and slot alone (splitmix64), so
/// threads share no state.
/// </summary>
internal readonly struct LevelGenerator(ulong seed, int m)
{
    private const int MaxLevel = 30;

    private readonly double _scale = 1 / Math.Log(m);

    public int Draw(int slot)
    {
        var x = seed + (0x9E3779B97F4A7C15ul * ((ulong)slot + 1));
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ul;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBul;
        x ^= x >> 31;
        var uniform = ((x >> 11) + 1) * (1.0 / (1ul << 53));
        return Math.Min(MaxLevel, (int)(-Math.Log(uniform) * _scale));
    }
}
