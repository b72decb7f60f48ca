using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Data.FaultTests.Vector;

/// <summary>How large files of this process may grow: a disk that is full, for this process alone.</summary>
internal static partial class FileSizeLimit
{
    private const int LinuxFileSize = 1;

    public static void Set(ulong bytes)
    {
        var limit = new Limit { Soft = bytes, Hard = ulong.MaxValue };
        if (SetLimit(LinuxFileSize, in limit) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
