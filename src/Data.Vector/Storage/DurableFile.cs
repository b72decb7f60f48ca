using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Data.Vector.Storage;

/// <summary>File operations that are on disk when they return.</summary>
internal static partial class DurableFile
{
    private const int Interrupted = 4, FullFlushMac = 51;
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
            Flush(handle);
        }

        File.Move(temporary, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Waits until everything written to a file is on disk.</summary>
    /// <exception cref="DiskStateUnknownException">The system could not write all of it.</exception>
    /// <remarks>
    /// <see cref="RandomAccess.FlushToDisk"/> and <see cref="FileStream.Flush(bool)"/> do not report a failure on Unix.
    /// </remarks>
    public static void Flush(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            FlushOnWindows(file);
            return;
        }

        // On macOS fsync leaves the data in the drive's cache.
        while ((OperatingSystem.IsMacOS() ? Control(file, FullFlushMac) : FileSync(file)) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                throw new DiskStateUnknownException($"A file could not be flushed to disk (error {error}).");
        }
    }

    /// <summary>Makes the names in a folder durable, which flushing the files alone does not.</summary>
    /// <exception cref="DiskStateUnknownException">The system could not write them.</exception>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;

        // .NET opens no folders; the flag values of O_RDONLY are the same on every Unix.
        var descriptor = Open(folder, 0, 0);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new DiskStateUnknownException($"The folder {folder} could not be opened to flush it (error {error}).");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Flush(handle);
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

    private static void FlushOnWindows(SafeFileHandle file)
    {
        try
        {
            RandomAccess.FlushToDisk(file);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw new DiskStateUnknownException("A file could not be flushed to disk.", exception);
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command);
}
