using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Data.Vector;

namespace Data.Benchmarks.Vector;

/// <summary>hnswlib, compiled for this machine, in its own process (benchmarks/peers).</summary>
internal sealed class HnswlibPeer : Contender
{
    private readonly Process _process;

    private HnswlibPeer(VectorSet set, string program, string? index)
        : base(set)
    {
        string[] arguments = [set.BaseFile, set.QueryFile, $"{set.Dimension}", set.Metric == DistanceMetric.L2 ?
            "l2" :
            "ip", "16", "200", "2"];
        if (index is not null)
            arguments = [.. arguments, index];
        _process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true
        })!;
        var answer = Answer("built");
        BuildSeconds = answer[0];
        BuildProcessorSeconds = answer[1];
    }

    public override string Name => "hnswlib";

    /// <summary>
    /// Starts the peer with the index of the last run, or builds one on two threads; returns null where the peer cannot be compiled.
    /// </summary>
    public static HnswlibPeer? TryStart(VectorSet set) =>
        TryCompile() is { } program ? new HnswlibPeer(set, program, set.File("hnswlib.index")) : null;

    /// <summary>Rebuilds the index on two threads and keeps it; returns null where the peer cannot be compiled.</summary>
    public static HnswlibPeer? TryBuild(VectorSet set)
    {
        File.Delete(set.File("hnswlib.index"));
        return TryStart(set);
    }

    public override double Run(int efSearch, Span<int> rows)
    {
        var file = rows.IsEmpty ? "-" : Set.File("found.i32");
        _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"search {efSearch} {VectorSet.K} 1 {file}"));
        var answer = Answer("searched");
        if (!rows.IsEmpty)
            MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(file)).CopyTo(rows);
        return answer[1];
    }

    public override void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string? TryCompile()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var folder = Path.Combine(Repository.Root, "benchmarks", "peers");
        var program = Path.Combine(folder, "bin", "hnswlib_peer");
        using var build = Process.Start(
            new ProcessStartInfo("bash", [Path.Combine(folder, "build.sh")]) { UseShellExecute = false, RedirectStandardError = true })!;
        build.StandardError.ReadToEnd();
        build.WaitForExit();
        return build.ExitCode == 0 && File.Exists(program) ? program : null;
    }

    private double[] Answer(string word)
    {
        var line = _process.StandardOutput.ReadLine();
        if (line?.StartsWith(word, StringComparison.Ordinal) != true)
            throw new InvalidOperationException($"The peer answered '{line}' instead of '{word} ...'.");
        return [.. line.Split(' ').Skip(1).Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }
}
