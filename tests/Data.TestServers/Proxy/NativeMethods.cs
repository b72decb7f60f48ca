using System.Runtime.InteropServices;

namespace Data.TestServers.Proxy;

internal static partial class NativeMethods
{
    /// <summary>TIOCOUTQ: bytes of a socket that its peer has not acknowledged.</summary>
    internal const nuint UnsentBytes = 0x5411;

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Control(SafeHandle socket, nuint request, out int value);
}
