using System.Globalization;
using System.Text;

namespace Data.Vector.Storage;

/// <summary>
/// Locks a folder against other processes and other stores in this one. The operating system releases it when the process ends.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private const string FileName = "store.lock";

    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    public static StoreLock Take(string folder)
    {
        var path = Path.Combine(folder, FileName);
        FileStream file;
        try
        {
            // FileShare.None is an advisory lock of the whole file on Unix and a share mode on Windows; both end with the process.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException exception)
        {
            throw new VectorStoreLockedException(
                $"The folder {folder} is open in another process, or in another store of this one. A folder serves one store at a time: "
                + "share that store, or use Chroma.",
                exception);
        }

        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        file.Flush();
        return new StoreLock(file);
    }

    public void Dispose() => _file.Dispose();
}
