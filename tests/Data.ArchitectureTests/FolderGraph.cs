using System.Collections.Concurrent;

namespace Data.ArchitectureTests;

/// <summary>
/// The first-level folders of a project and which of them names which, the project's root (<c>.</c>) included. A folder uses another
/// when one of its files names a type that only the other defines.
/// </summary>
internal sealed class FolderGraph
{
    public const string Root = ".";

    private static readonly ConcurrentDictionary<string, Lazy<FolderGraph>> Known = new(StringComparer.Ordinal);

    private readonly ILookup<string, TypeReference> _references;

    public FolderGraph(SourceProject project)
    {
        Folders = [.. project.Folders];
        _references = project.References().Where(r => r.From != r.To).ToLookup(r => r.From, StringComparer.Ordinal);
    }

    /// <summary>Every folder that has sources, in no order.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>Returns the graph of a project's sources, read once per run.</summary>
    public static FolderGraph Of(string projectFolder) =>
        Known.GetOrAdd(projectFolder, folder => new(() => new FolderGraph(SourceProject.Read(folder)))).Value;

    /// <summary>Returns what a folder names in other folders.</summary>
    public IEnumerable<TypeReference> From(string folder) => _references[folder];

    /// <summary>Returns what other folders name in a folder.</summary>
    public IEnumerable<TypeReference> To(string folder) => _references.SelectMany(group => group).Where(r => r.To == folder);

    /// <summary>Returns every edge that lies on a circle: its user can be reached again from what it uses.</summary>
    public IEnumerable<string> EdgesInCircles() =>
        from user in _references
        from edge in user.GroupBy(r => r.To, StringComparer.Ordinal)
        where Reaches(edge.Key, user.Key)
        orderby user.Key, edge.Key
        select $"{user.Key} -> {edge.Key}: {string.Join(", ", edge.Select(r => r.Type).Distinct().Order().Take(6))} ({edge.First().Place})";

    /// <summary>Returns whether a folder is another or names it, directly or through others.</summary>
    public bool Reaches(string from, string to) => Reaches(from, to, []);

    private bool Reaches(string from, string to, HashSet<string> seen) =>
        from == to || seen.Add(from) && _references[from].Select(r => r.To).Distinct().Any(next => Reaches(next, to, seen));
}
