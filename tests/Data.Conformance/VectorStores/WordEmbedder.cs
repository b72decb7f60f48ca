using Microsoft.Extensions.AI;

namespace Data.Conformance.VectorStores;

/// <summary>Counts words into buckets: texts that share words have similar vectors.</summary>
internal sealed class WordEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    public int Calls { get; private set; }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        Calls++;
        return Task.FromResult(
            new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(Embed(text, options?.Dimensions ?? 8)))));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private static float[] Embed(string text, int dimensions)
    {
        var vector = new float[dimensions];
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            vector[word.Sum(c => c) % dimensions] += 1;

        return vector;
    }
}
