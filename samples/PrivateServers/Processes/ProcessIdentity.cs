using System.Globalization;

namespace PrivateServers.Processes;

/// <summary>A process by id and start time, so that a recycled id is never taken for it.</summary>
/// <param name="Id">The process id.</param>
/// <param name="StartTicks">The start time in clock ticks since boot, as /proc tells it.</param>
internal readonly record struct ProcessIdentity(int Id, long StartTicks)
{
    /// <summary>Whether the process still runs; a zombie does not.</summary>
    internal bool IsAlive => TryRead(Id) is { } stat && stat.StartTicks == StartTicks && stat.State is not ('Z' or 'X');

    /// <summary>Whether the process is stopped by SIGSTOP.</summary>
    internal bool IsStopped => TryRead(Id) is { State: 'T' };

    internal static ProcessIdentity? Of(int id) => TryRead(id) is { } stat ? new ProcessIdentity(id, stat.StartTicks) : null;

    /// <summary>Sends a signal, unless the process is gone.</summary>
    internal void Send(Signal signal)
    {
        if (IsAlive)
            _ = NativeMethods.Kill(Id, (int)signal);
    }

    private static (char State, long StartTicks)? TryRead(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");

            // The name in parentheses may hold spaces and parentheses itself: fields count from the last one.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
