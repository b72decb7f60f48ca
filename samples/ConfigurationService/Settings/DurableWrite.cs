using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ConfigurationService.Settings;

/// <summary>Waits until the disk has what was written, and tells when it could not: .NET's own flush hides the error on Unix.</summary>
internal static partial class DurableWrite
{
    private const int Interrupted = 4;

    /// <summary>Writes what the system keeps of a file to disk.</summary>
    /// <exception cref="IOException">The system could not write everything to disk.</exception>
    public static void Flush(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        while (Synchronise(file) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                throw new IOException($"'{path}' could not be flushed to disk: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    /// <summary>Makes the names in a folder durable, which flushing its files does not.</summary>
    /// <exception cref="IOException">The system could not write them to disk.</exception>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        // .NET opens no folders; 0 is O_RDONLY on every Unix.
        var descriptor = Open(path, 0);
        if (descriptor < 0)
            throw new IOException($"'{path}' could not be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        using var folder = new SafeFileHandle(descriptor, ownsHandle: true);
        Flush(folder, path);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronise(SafeFileHandle file);
}
