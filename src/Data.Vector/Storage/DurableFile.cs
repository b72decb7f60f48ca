using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Data.Vector.Storage;

/// <summary>File operations that are on disk when they return.</summary>
internal static partial class DurableFile
{
    private const int NoSpaceUnix = 28, QuotaUnix = 122, TooBigUnix = 27;
    private const int NoSpaceWindows = unchecked((int)0x80070070), HandleFullWindows = unchecked((int)0x80070027);

    /// <summary>
    /// Replaces a file: readers, and a restart after a crash, see the old one or the new one.
    /// </summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        using (var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(temporary, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes the names in a folder durable, which flushing the files alone does not.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;

        // .NET opens no folders; the flag values of O_RDONLY are the same on every Unix.
        var descriptor = Open(folder, 0, 0);
        if (descriptor < 0)
            throw new IOException($"The folder {folder} could not be opened to flush it (error {Marshal.GetLastPInvokeError()}).");

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Flush(descriptor) != 0)
            throw new IOException($"The folder {folder} could not be flushed (error {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>Whether an error comes from the disk or the file system, and not from a mistake in the program.</summary>
    public static bool IsFailure(Exception exception) => exception is IOException or UnauthorizedAccessException || IsTooLarge(exception);

    /// <summary>Whether an error means that the disk is full.</summary>
    public static bool IsFull(Exception exception) =>
        IsTooLarge(exception) || (OperatingSystem.IsWindows()
            ? exception.HResult is NoSpaceWindows or HandleFullWindows
            : exception.HResult is NoSpaceUnix or QuotaUnix or TooBigUnix);

    // .NET reports a file that may not grow further, by a quota for example, as a bad argument.
    private static bool IsTooLarge(Exception exception) => exception is ArgumentOutOfRangeException { ParamName: "value" };

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(nint descriptor);
}
