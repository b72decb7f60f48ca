using System.Globalization;
using System.Text.RegularExpressions;
using Data.FaultTests.Processes;

namespace Data.FaultTests.Vector.Disk;

/// <summary>What a process asked of the disk, in the order in which the calls ended, as strace saw it.</summary>
internal static partial class DiskTrace
{
    private const string Calls = "openat,pwrite64,pwritev,write,ftruncate,fsync,rename,unlink";

    /// <summary>Whether strace is here. In CI its absence fails the tests.</summary>
    public static bool IsPossible =>
        OperatingSystem.IsLinux() && (File.Exists("/usr/bin/strace") || Environment.GetEnvironmentVariable("CI") == "true");

    /// <summary>Runs this program's child to its end under strace.</summary>
    /// <param name="folder">The store's folder; calls elsewhere are left out, but for what the child tells.</param>
    /// <param name="inject">What strace injects; null injects nothing.</param>
    /// <param name="arguments">The child's arguments.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <param name="onlyPath">The file or folder whose calls are traced and fail; null for all.</param>
    public static async Task<(List<DiskCall> Calls, List<string> Told)> RunAsync(
        string folder, string? inject, string[] arguments, CancellationToken cancellationToken, string? onlyPath = null)
    {
        var log = folder + ".strace";
        string[] injection = inject is null ? [] : ["-e", "inject=" + inject];
        string[] filter = onlyPath is null ? [] : ["-P", onlyPath];
        string[] format = ["-f", "-y", "-xx", "-s", "4194304", "-o", log, "-e", "signal=none", "-e", "trace=" + Calls];
        string[] tracer = ["strace", .. format, .. injection, .. filter];
        var told = new List<string>();
        await using (var child = new ChildProcess(tracer, VectorChild.Argument, arguments))
        {
            while (await child.ReadLineAsync(cancellationToken) is { } line)
                told.Add(line);
        }

        var calls = await ParseAsync(log, folder, cancellationToken);
        File.Delete(log);
        return (calls, told);
    }

    private static async Task<List<DiskCall>> ParseAsync(string log, string folder, CancellationToken cancellationToken)
    {
        var calls = new List<DiskCall>();
        var begun = new Dictionary<string, (string Text, int At)>(StringComparer.Ordinal);
        await foreach (var line in File.ReadLinesAsync(log, cancellationToken))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (thread, text, at) = (line[..space], line[space..].TrimStart(), calls.Count);
            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                begun[thread] = (text[..^"<unfinished ...>".Length], at);
                continue;
            }

            if (text.StartsWith("<... ", StringComparison.Ordinal) && begun.Remove(thread, out var first))
                (text, at) = (first.Text + text[(text.IndexOf("resumed>", StringComparison.Ordinal) + "resumed>".Length)..], first.At);

            if (Parse(text, folder, at) is { } call)
                calls.Add(call);
        }

        return calls;
    }

    private static DiskCall? Parse(string text, string folder, int begunAt)
    {
        var name = text[..Math.Max(0, text.IndexOf('(', StringComparison.Ordinal))];
        var result = Result().Match(text) is { Success: true } end ? end.Index : -1;
        if (name.Length == 0 || result < 0)
            return null;

        var failed = text[result..].Contains("= -1", StringComparison.Ordinal);
        var file = Descriptor().Match(text) is { Success: true } match ? match.Groups[2].Value : "";
        var strings = Text().Matches(text).Select(static m => m.Groups[1].Value).ToArray();
        if (name == "write")
        {
            // Lines to the parent; the runtime has pipes of its own.
            var line = Bytes(strings);
            return Name(file).StartsWith("pipe:", StringComparison.Ordinal) && line is [.., (byte)'\n']
                ? new("tell", "", begunAt) { Data = line }
                : null;
        }

        // Names are in quotes, and escaped, for the calls that take one.
        var path = name is "openat" or "rename" or "unlink" ? Name(strings[0]) : Name(file);
        if (!path.StartsWith(folder, StringComparison.Ordinal) || (failed && name != "fsync"))
            return null;

        var call = new DiskCall(name, path, begunAt) { Failed = failed };
        var numbers = text[..result].Split(", ");
        return name switch
        {
            "openat" => !text.Contains("O_CREAT", StringComparison.Ordinal)
                ? null
                : call with { Name = text.Contains("O_TRUNC", StringComparison.Ordinal) ? "truncate-or-create" : "create" },
            "pwrite64" or "pwritev" => call with { Data = Bytes(strings), Number = Long(numbers[^1]) },
            "ftruncate" => call with { Number = Long(numbers[^1]) },
            "rename" => call with { Target = Name(strings[1]) },
            _ => call,
        };
    }

    private static long Long(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Name(string escaped) => System.Text.Encoding.UTF8.GetString(Bytes([escaped]));

    private static byte[] Bytes(string[] escaped) =>
        [.. escaped.SelectMany(static part => part.Contains("\\x", StringComparison.Ordinal)
            ? Convert.FromHexString(part.Replace("\\x", "", StringComparison.Ordinal))
            : System.Text.Encoding.UTF8.GetBytes(part))];

    [GeneratedRegex("""^\w+\((\d+)<([^>]*)>""", RegexOptions.CultureInvariant)]
    private static partial Regex Descriptor();

    [GeneratedRegex("""\)\s+= """, RegexOptions.CultureInvariant | RegexOptions.RightToLeft)]
    private static partial Regex Result();

    [GeneratedRegex("\"([^\"]*)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Text();
}
