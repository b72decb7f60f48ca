using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Data.Vector.Storage;

namespace Data.Vector.Embedded;

/// <summary>The folders of a store's collections: their names, and how they are created and deleted atomically.</summary>
internal static class CollectionFolder
{
    private const string MakingPrefix = ".making-", DeletedPrefix = ".deleted-";
    private const int ReadablePart = 60;

    /// <summary>Reads the manifest of every collection, and removes folders that a crash left half created or half deleted.</summary>
    /// <param name="root">The store's folder.</param>
    /// <param name="damaged">
    /// Receives the folders, by name, that hold a collection which cannot be opened, and why; the others open nevertheless.
    /// </param>
    /// <returns>The manifests by folder. Folders without any file of a collection are none, and are left alone.</returns>
    public static Dictionary<string, CollectionManifest> Scan(string root, out Dictionary<string, VectorStoreCorruptException> damaged)
    {
        var found = new Dictionary<string, CollectionManifest>(StringComparer.Ordinal);
        damaged = new Dictionary<string, VectorStoreCorruptException>(StringComparer.Ordinal);
        foreach (var folder in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(folder);
            if (name.StartsWith(MakingPrefix, StringComparison.Ordinal) || name.StartsWith(DeletedPrefix, StringComparison.Ordinal))
            {
                Directory.Delete(folder, recursive: true);
                continue;
            }

            try
            {
                if (HoldsCollection(folder))
                    found.Add(folder, CollectionManifest.Load(folder));
            }
            catch (VectorStoreCorruptException exception)
            {
                damaged.Add(name, exception);
            }
            catch (Exception exception) when (DurableFile.IsFailure(exception))
            {
                damaged.Add(name, new VectorStoreCorruptException($"{name} cannot be read: {exception.Message}", exception));
            }
        }

        SetCopiesAside(found, damaged);
        return found;
    }

    /// <summary>Creates the folder of a collection: after a crash it is complete or absent.</summary>
    /// <param name="root">The store's folder.</param>
    /// <param name="manifest">The manifest of the collection.</param>
    /// <param name="fill">Writes the first files into the folder.</param>
    /// <returns>The folder.</returns>
    public static string Create(string root, CollectionManifest manifest, Action<string> fill)
    {
        var making = Path.Combine(root, MakingPrefix + manifest.Id.ToString("N", CultureInfo.InvariantCulture));
        Directory.CreateDirectory(making);
        fill(making);
        manifest.Save(making);
        var folder = Path.Combine(root, FolderName(manifest.Name));
        Directory.Move(making, folder);
        try
        {
            DurableFile.FlushFolder(root);
        }
        catch (DiskStateUnknownException)
        {
            // The caller hears that nothing was created, so the next attempt must not find the folder.
            Directory.Delete(folder, recursive: true);
            throw;
        }

        return folder;
    }

    public static void Delete(string root, string folder)
    {
        var deleted = Path.Combine(root, DeletedPrefix + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture));
        Directory.Move(folder, deleted);
        DurableFile.FlushFolder(root);
        Directory.Delete(deleted, recursive: true);
    }

    private static bool HoldsCollection(string folder) =>
        File.Exists(Path.Combine(folder, CollectionManifest.FileName))
        || File.Exists(Path.Combine(folder, CommitMark.FileName))
        || Directory.EnumerateFiles(folder, "journal-*.log").Any();

    /// <summary>Of several folders with one collection's name, keeps the one that is named after it; the others are copies.</summary>
    private static void SetCopiesAside(
        Dictionary<string, CollectionManifest> found, Dictionary<string, VectorStoreCorruptException> damaged)
    {
        var byName = found.GroupBy(static entry => entry.Value.Name, static entry => entry.Key);
        foreach (var group in byName.Where(static folders => folders.Count() > 1).ToList())
        {
            var owner = group.FirstOrDefault(folder => Path.GetFileName(folder) == FolderName(group.Key)) ?? group.First();
            foreach (var copy in group.Where(folder => folder != owner))
            {
                found.Remove(copy);
                damaged.Add(
                    Path.GetFileName(copy),
                    new VectorStoreCorruptException(
                        $"{Path.GetFileName(copy)} is a copy of collection '{group.Key}', which is in {Path.GetFileName(owner)}. Move it "
                        + "out of the store's folder, or delete it."));
            }
        }
    }

    /// <summary>Returns a name that every file system accepts, whatever the length and case of the collection's name.</summary>
    public static string FolderName(string name)
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8)).ToLowerInvariant();
        var readable = name.Length <= ReadablePart ? name : name[..ReadablePart];
        return $"{readable.ToLowerInvariant()}-{hash}";
    }
}
