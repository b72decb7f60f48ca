using Data.Benchmarks.Runner;

namespace Data.Benchmarks.Vector;

/// <summary>The distance kernels beside the framework's vectorised primitives.</summary>
internal sealed class KernelBenchmark : IBenchmark
{
    public string Area => "vector";

    public string Name => "kernels";

    public bool Quick => false;

    public Task RunAsync(BenchmarkRun run)
    {
        var kernels = MicroRounds.Of<Kernels>(run);
        kernels.Compare("Float kernel over TensorPrimitives.Distance, 128 dimensions", nameof(Kernels.Floats), nameof(Kernels.Tensors), 1);
        kernels.Compare("Code kernel over TensorPrimitives.Distance, 128 dimensions", nameof(Kernels.Codes), nameof(Kernels.Tensors), 0.5);
        return Task.CompletedTask;
    }
}
