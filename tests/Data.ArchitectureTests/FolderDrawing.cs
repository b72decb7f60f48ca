using System.Text;

namespace Data.ArchitectureTests;

/// <summary>Draws a folder graph in Mermaid: an arrow for each use that does not follow from others, users above what they use.</summary>
internal sealed class FolderDrawing(FolderGraph graph)
{
    private readonly string[] _folders = [.. graph.Folders.Order(StringComparer.Ordinal)];

    public string ToMermaid()
    {
        var text = new StringBuilder("```mermaid\nflowchart TB\n");
        foreach (var folder in _folders)
        {
            var label = folder == FolderGraph.Root ? "root: the contract" : folder;
            text.Append("  ").Append(Id(folder)).Append('[').Append(label).Append("]\n");
        }

        foreach (var user in _folders)
        {
            foreach (var used in Uses(user).Where(used => !FollowsFromOthers(user, used)).Order(StringComparer.Ordinal))
                text.Append("  ").Append(Id(user)).Append(" --> ").Append(Id(used)).Append('\n');
        }

        return text.Append("```\n").ToString();
    }

    private bool FollowsFromOthers(string user, string used) =>
        Uses(user).Any(between => between != used && graph.Reaches(between, used));

    private IEnumerable<string> Uses(string folder) => graph.From(folder).Select(r => r.To).Distinct(StringComparer.Ordinal);

    private static string Id(string folder) => folder == FolderGraph.Root ? "root" : folder;
}
