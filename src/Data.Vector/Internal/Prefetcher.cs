using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Data.Vector.Internal;

/// <summary>Starts loads without waiting for them; does nothing where the processor's hint is not offered.</summary>
internal static unsafe class Prefetcher
{
    private const int Line = 64, MostLines = 8;

    /// <summary>Fetches the first lines of a vector; the hardware follows a stream by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(byte* address, int bytes)
    {
        if (!Sse.IsSupported)
            return;
        var end = address + Math.Min(bytes, MostLines * Line);
        for (; address < end; address += Line)
            Sse.Prefetch0(address);
    }
}
