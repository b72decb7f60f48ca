namespace Data.FaultTests.Vector.Disk;

/// <summary>
/// A disk with a cache that loses its power: what was flushed is kept; of what was not, any part may be. Names change in order, as a
/// journalling file system has it; writes to files do not.
/// </summary>
internal sealed class CutDisk
{
    private readonly string _folder;
    private readonly Dictionary<string, CachedFile> _names = new(StringComparer.Ordinal);
    private readonly List<Action<Dictionary<string, CachedFile>>> _pendingNames = [];
    private readonly Dictionary<string, CachedFile> _durableNames = new(StringComparer.Ordinal);
    private int _calls;

    /// <summary>Starts from what a folder holds now, all of it on disk.</summary>
    public CutDisk(string folder)
    {
        _folder = folder;
        foreach (var path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
            _durableNames[path] = _names[path] = new CachedFile(File.ReadAllBytes(path));
    }

    public void Apply(DiskCall call)
    {
        switch (call.Name)
        {
            case "create" or "truncate-or-create" when !_names.ContainsKey(call.Path):
                var created = new CachedFile([]);
                Rename(names => names[call.Path] = created);
                break;
            case "truncate-or-create":
                _names[call.Path].Add(_calls, file => file.SetLength(0));
                break;
            case "pwrite64" or "pwritev":
                _names[call.Path].Add(_calls, file =>
                {
                    file.Position = call.Number;
                    file.Write(call.Data);
                });
                break;
            case "ftruncate":
                _names[call.Path].Add(_calls, file => file.SetLength(call.Number));
                break;
            case "rename":
                Rename(names =>
                {
                    names.Remove(call.Path, out var moved);
                    names[call.Target] = moved!;
                });
                break;
            case "unlink":
                Rename(names => names.Remove(call.Path));
                break;
            case "fsync" when call.Failed:
                break;
            case "fsync" when _names.TryGetValue(call.Path, out var flushed):
                flushed.Flush(call.BegunAt);
                break;
            case "fsync":
                _pendingNames.ForEach(change => change(_durableNames));
                _pendingNames.Clear();
                break;
        }

        _calls++;
    }

    /// <summary>Writes what is left after a power cut to another folder.</summary>
    /// <param name="target">The folder; replaced.</param>
    /// <param name="random">Decides what of the unflushed is kept; null keeps nothing of it.</param>
    public void CutTo(string target, Random? random)
    {
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);

        var names = new Dictionary<string, CachedFile>(_durableNames, StringComparer.Ordinal);
        foreach (var change in _pendingNames.Take(random?.Next(_pendingNames.Count + 1) ?? 0))
            change(names);

        foreach (var (path, file) in names)
        {
            var copy = Path.Combine(target, Path.GetRelativePath(_folder, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, file.AfterCut(random));
        }
    }

    private void Rename(Action<Dictionary<string, CachedFile>> change)
    {
        change(_names);
        _pendingNames.Add(change);
    }

    private sealed class CachedFile(byte[] durable)
    {
        private readonly List<(int At, Action<MemoryStream> Change)> _pending = [];
        private byte[] _durable = durable;

        public void Add(int at, Action<MemoryStream> change) => _pending.Add((at, change));

        public void Flush(int begunAt)
        {
            // What was written while the flush ran it need not have caught.
            _durable = Apply(_pending.Where(item => item.At < begunAt));
            _pending.RemoveAll(item => item.At < begunAt);
        }

        public byte[] AfterCut(Random? random) => Apply(_pending.Where(_ => random?.Next(2) == 0));

        private byte[] Apply(IEnumerable<(int At, Action<MemoryStream> Change)> changes)
        {
            using var content = new MemoryStream();
            content.Write(_durable);
            foreach (var (_, change) in changes)
                change(content);

            return content.ToArray();
        }
    }
}
