using System.Text.Json;
using System.Text.Json.Serialization;

namespace Data.Benchmarks.Runner;

/// <summary>What one run of a benchmark has measured, as it passes from its process to the one that reports.</summary>
internal sealed record BenchmarkResult(IReadOnlyList<Measure> Measures, IReadOnlyList<string> Notes)
{
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static BenchmarkResult Read(string path) => JsonSerializer.Deserialize<BenchmarkResult>(File.ReadAllText(path), Json)!;

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Json));
}
