using System.Text;

namespace Data.Vector.Storage;

/// <summary>
/// The container of a snapshot: one page of header (magic, version, table of sections, its own CRC-32C in the last four bytes),
/// then the sections, each starting on a page so that it can be mapped. All numbers are little-endian.
/// </summary>
/// <remarks>
/// Version 1 is the first. A reader knows all versions up to its own; a section that it does not know it leaves alone, so that adding
/// one needs no new version. Changing the meaning of one does, and keeps the code that reads the old.
/// </remarks>
internal static class SnapshotFormat
{
    public const int Version = 1, PageBytes = 4096, MostSections = 64;

    public const int NameBytes = 16, EntryBytes = NameBytes + (3 * sizeof(long)), FirstEntry = 16, HeaderSumAt = PageBytes - sizeof(uint);

    public static ReadOnlySpan<byte> Magic => "DVECSNAP"u8;

    public static void CheckHost()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Snapshots need a little-endian processor.");
    }

    public static void WriteName(string name, Span<byte> target) => Encoding.ASCII.GetBytes(name, target);

    public static string ReadName(ReadOnlySpan<byte> source) => Encoding.ASCII.GetString(source[..NameBytes].TrimEnd((byte)0));
}
