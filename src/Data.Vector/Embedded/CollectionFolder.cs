using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Data.Vector.Storage;

namespace Data.Vector.Embedded;

/// <summary>The folders of a store's collections: their names, how one appears at once and how one goes at once.</summary>
internal static class CollectionFolder
{
    private const string MakingPrefix = ".making-", DeletedPrefix = ".deleted-";
    private const int ReadablePart = 60;

    /// <summary>Reads every collection's manifest, and removes what a crash left of folders that were being made or deleted.</summary>
    /// <param name="root">The store's folder.</param>
    /// <param name="damaged">Receives the folders whose manifest is damaged, and why; they do not keep the others from opening.</param>
    /// <returns>Folders by collection name.</returns>
    public static Dictionary<string, string> Scan(string root, Dictionary<string, VectorStoreCorruptException> damaged)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var folder in Directory.EnumerateDirectories(root))
        {
            var name = Path.GetFileName(folder);
            if (name.StartsWith(MakingPrefix, StringComparison.Ordinal) || name.StartsWith(DeletedPrefix, StringComparison.Ordinal))
            {
                Directory.Delete(folder, recursive: true);
                continue;
            }

            if (!File.Exists(Path.Combine(folder, CollectionManifest.FileName)))
                continue;

            try
            {
                found.Add(CollectionManifest.Load(folder).Name, folder);
            }
            catch (VectorStoreCorruptException exception)
            {
                damaged.Add(name, exception);
            }
        }

        return found;
    }

    /// <summary>Makes a collection's folder: it is there whole, or not at all.</summary>
    /// <param name="root">The store's folder.</param>
    /// <param name="manifest">What the collection is.</param>
    /// <param name="fill">Puts the first files into the folder.</param>
    /// <returns>The folder.</returns>
    public static string Create(string root, CollectionManifest manifest, Action<string> fill)
    {
        var making = Path.Combine(root, MakingPrefix + manifest.Id.ToString("N", CultureInfo.InvariantCulture));
        Directory.CreateDirectory(making);
        fill(making);
        manifest.Save(making);
        var folder = Path.Combine(root, FolderName(manifest.Name));
        Directory.Move(making, folder);
        DurableFile.FlushFolder(root);
        return folder;
    }

    public static void Delete(string root, string folder)
    {
        var deleted = Path.Combine(root, DeletedPrefix + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture));
        Directory.Move(folder, deleted);
        DurableFile.FlushFolder(root);
        Directory.Delete(deleted, recursive: true);
    }

    /// <summary>A name that fits every file system, whatever the length and case of the collection's own.</summary>
    public static string FolderName(string name)
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8)).ToLowerInvariant();
        var readable = name.Length <= ReadablePart ? name : name[..ReadablePart];
        return $"{readable.ToLowerInvariant()}-{hash}";
    }
}
