using System.Reflection;

namespace Data.ArchitectureTests;

/// <summary>The first-level folders of a package (by namespace) and which of them names which.</summary>
internal sealed class FolderGraph
{
    private readonly Dictionary<string, Dictionary<string, string>> _edges = new(StringComparer.Ordinal);

    public FolderGraph(Assembly assembly, string package)
    {
        foreach (var type in assembly.GetTypes())
        {
            if (Folder(type, package) is not { } from)
                continue;
            foreach (var used in TypeUse.Of(type))
            {
                if (Folder(used, package) is { } to && to != from)
                    Uses(from).TryAdd(to, $"{type.Name} names {used.Name}");
            }
        }
    }

    public Dictionary<string, string> Uses(string folder)
    {
        if (!_edges.TryGetValue(folder, out var uses))
            _edges[folder] = uses = new Dictionary<string, string>(StringComparer.Ordinal);
        return uses;
    }

    /// <summary>Every edge that lies on a circle: a folder from which its user can be reached again.</summary>
    public IEnumerable<string> EdgesInCircles() =>
        from edges in _edges.ToArray()
        from edge in edges.Value
        where Reaches(edge.Key, edges.Key, [])
        select $"{edges.Key} -> {edge.Key}: {edge.Value}";

    private bool Reaches(string from, string to, HashSet<string> seen) =>
        from == to || (seen.Add(from) && Uses(from).Keys.ToArray().Any(next => Reaches(next, to, seen)));

    /// <summary>Null for the root (which registers everything) and for what the compiler makes.</summary>
    private static string? Folder(Type type, string package) =>
        type.Namespace is { } n && n.StartsWith(package + ".", StringComparison.Ordinal) ? n[(package.Length + 1)..].Split('.')[0] : null;
}
