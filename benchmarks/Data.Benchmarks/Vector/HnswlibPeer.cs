using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Data.Vector;

namespace Data.Benchmarks.Vector;

/// <summary>hnswlib, compiled for this machine, in a process of its own (benchmarks/peers).</summary>
internal sealed class HnswlibPeer : Contender
{
    private readonly Process _process;

    private HnswlibPeer(VectorSet set, string program, int threads)
        : base(set)
    {
        string[] arguments =
        [
            set.BaseFile, set.QueryFile, $"{VectorSet.Dimension}", set.Metric == DistanceMetric.L2 ? "l2" : "ip", "16", "200", $"{threads}",
        ];
        _process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        BuildSeconds = Answer("built")[0];
    }

    public override string Name => "hnswlib";

    /// <summary>Builds the peer if need be and starts it; null where it cannot be built.</summary>
    public static HnswlibPeer? TryStart(VectorSet set, int threads = 2)
    {
        var folder = Path.Combine(Repository.Root, "benchmarks", "peers");
        var program = Path.Combine(folder, "bin", "hnswlib_peer");
        if (!OperatingSystem.IsLinux()) return null;
        using var build = Process.Start(new ProcessStartInfo("bash", [Path.Combine(folder, "build.sh")]) { UseShellExecute = false, RedirectStandardError = true })!;
        build.StandardError.ReadToEnd();
        build.WaitForExit();
        return build.ExitCode == 0 && File.Exists(program) ? new HnswlibPeer(set, program, threads) : null;
    }

    public override double Run(int efSearch, Span<int> rows)
    {
        var file = rows.IsEmpty ? "-" : Set.File("found.i32");
        _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"search {efSearch} {VectorSet.K} 1 {file}"));
        var answer = Answer("searched");
        if (!rows.IsEmpty) MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(file)).CopyTo(rows);
        return answer[1];
    }

    public override void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private double[] Answer(string word)
    {
        var line = _process.StandardOutput.ReadLine();
        if (line?.StartsWith(word, StringComparison.Ordinal) != true) throw new InvalidOperationException($"The peer answered '{line}' instead of '{word} ...'.");
        return [.. line.Split(' ').Skip(1).Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }
}
