using System.Runtime.InteropServices;

namespace Data.Vector.Internal;

/// <summary>The few system calls behind <see cref="NativeRegion"/>: reserve addresses, commit pages, advise, release.</summary>
internal static unsafe partial class NativeMemoryCalls
{
    public const int ProtNone = 0, ProtReadWrite = 3;
    public const int AdviseWillNeed = 3, AdviseHugePage = 14, AdviseCollapse = 25;

    private const int MapPrivate = 0x02, MapFixed = 0x10;
    private const uint MemCommit = 0x1000, MemReserve = 0x2000, MemRelease = 0x8000;
    private const uint PageNoAccess = 0x01, PageReadWrite = 0x04;

    private static int MapAnonymous => OperatingSystem.IsMacOS() ? 0x1000 : 0x20;

    private static int MapNoReserve => OperatingSystem.IsMacOS() ? 0x40 : 0x4000;

    /// <summary>Reserves addresses without memory; null when the system refuses.</summary>
    public static byte* Reserve(nuint bytes)
    {
        if (OperatingSystem.IsWindows())
            return (byte*)VirtualAlloc(null, bytes, MemReserve, PageNoAccess);
        var address = Mmap(null, bytes, ProtNone, MapPrivate | MapAnonymous | MapNoReserve, -1, 0);
        return (nint)address == -1 ? null : (byte*)address;
    }

    /// <summary>Makes part of a reservation readable and writable; it reads as zeros.</summary>
    public static bool Commit(byte* address, nuint bytes) =>
        OperatingSystem.IsWindows()
            ? VirtualAlloc(address, bytes, MemCommit, PageReadWrite) != null
            : Mprotect(address, bytes, ProtReadWrite) == 0;

    /// <summary>Puts a private (copy on write) view of a file over part of a reservation; only where the system allows it.</summary>
    public static bool TryMapFile(byte* address, nuint bytes, SafeHandle file, long offset)
    {
        if (OperatingSystem.IsWindows())
            return false;
        var added = false;
        try
        {
            file.DangerousAddRef(ref added);
            var mapped = Mmap(address, bytes, ProtReadWrite, MapPrivate | MapFixed, (int)file.DangerousGetHandle(), offset);
            return (nint)mapped != -1;
        }
        finally
        {
            if (added)
                file.DangerousRelease();
        }
    }

    /// <summary>Asks for huge pages or read-ahead; refusal costs speed only, so it is not reported.</summary>
    public static void Advise(byte* address, nuint bytes, int advice)
    {
        if (OperatingSystem.IsLinux())
            _ = Madvise(address, bytes, advice);
    }

    public static void Release(byte* address, nuint bytes)
    {
        if (OperatingSystem.IsWindows())
            _ = VirtualFree(address, 0, MemRelease);
        else
            _ = Munmap(address, bytes);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Madvise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Munmap(void* address, nuint length);

    [LibraryImport("kernel32", EntryPoint = "VirtualAlloc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void* VirtualAlloc(void* address, nuint length, uint type, uint protection);

    [LibraryImport("kernel32", EntryPoint = "VirtualFree", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int VirtualFree(void* address, nuint length, uint type);
}
