using System.Globalization;

namespace PrivateServers.Processes;

/// <summary>
/// A process and all that it started: PostgreSQL's backends each have a session of their own, so no group signal reaches them.
/// </summary>
internal static class ProcessTree
{
    /// <summary>
    /// Sends a signal to the root first, so that it starts nothing new meanwhile, then to all below until none is left out.
    /// </summary>
    internal static IReadOnlyCollection<ProcessIdentity> Send(ProcessIdentity root, Signal signal)
    {
        root.Send(signal);
        var reached = new HashSet<ProcessIdentity> { root };
        bool found;
        do
        {
            found = false;
            foreach (var child in Below(root.Id))
            {
                if (!reached.Add(child))
                    continue;
                child.Send(signal);
                found = true;
            }
        }
        while (found);
        return reached;
    }

    /// <summary>
    /// Kills the whole tree as a crash would: everything is stopped first, so that no child sees its parent die and cleans up.
    /// </summary>
    internal static IReadOnlyCollection<ProcessIdentity> Kill(ProcessIdentity root)
    {
        var all = Send(root, Signal.Stop);
        foreach (var process in all)
            process.Send(Signal.Kill);
        return all;
    }

    private static List<ProcessIdentity> Below(int id)
    {
        var found = new List<ProcessIdentity>();
        var open = new Stack<int>([id]);
        while (open.TryPop(out var parent))
        {
            foreach (var child in ChildrenOf(parent))
            {
                if (ProcessIdentity.Of(child) is not { } identity)
                    continue;
                found.Add(identity);
                open.Push(child);
            }
        }

        return found;
    }

    private static IEnumerable<int> ChildrenOf(int id)
    {
        string[] tasks;
        try
        {
            tasks = Directory.GetDirectories($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/task");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var task in tasks)
        {
            string text;
            try
            {
                text = File.ReadAllText(Path.Combine(task, "children"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            foreach (var child in text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                yield return int.Parse(child, CultureInfo.InvariantCulture);
        }
    }
}
