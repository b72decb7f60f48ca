using System.Diagnostics;

namespace Data.Resilience.Pooling;

/// <summary>A connection that is in use.</summary>
internal sealed class ConnectionLease(long openedAt, int processId, StackTrace? stack)
{
    public long OpenedAt { get; } = openedAt;

    /// <summary>The backend's process id, by which an idle connection is known again.</summary>
    public int ProcessId { get; } = processId;

    public StackTrace? Stack { get; } = stack;

    public string? Session { get; set; }

    public bool IsReported { get; set; }
}
