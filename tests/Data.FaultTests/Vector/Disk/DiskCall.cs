namespace Data.FaultTests.Vector.Disk;

/// <summary>One system call of a process on a file, or what it told its parent.</summary>
/// <param name="Name">The call; <c>tell</c> for a line that the process wrote to its parent.</param>
/// <param name="Path">The file or folder.</param>
/// <param name="BegunAt">How many calls had ended when this one began.</param>
internal sealed record DiskCall(string Name, string Path, int BegunAt)
{
    public byte[] Data { get; init; } = [];

    /// <summary>The offset of a write, or the length of a truncation.</summary>
    public long Number { get; init; }

    public string Target { get; init; } = "";

    public bool Failed { get; init; }

    public bool IsJournal => System.IO.Path.GetFileName(Path).StartsWith("journal-", StringComparison.Ordinal);
}
