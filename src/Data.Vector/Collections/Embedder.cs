using Microsoft.Extensions.AI;

namespace Data.Vector.Collections;

/// <summary>Turns texts into vectors with the application's generator, and checks what it returns.</summary>
internal sealed class Embedder(IEmbeddingGenerator<string, Embedding<float>> generator)
{
    public async ValueTask<ReadOnlyMemory<float>[]> EmbedAsync(
        IReadOnlyList<string> texts,
        int dimensions,
        CancellationToken cancellationToken)
    {
        var embeddings = await generator.GenerateAsync(texts, new EmbeddingGenerationOptions { Dimensions = dimensions }, cancellationToken)
            .ConfigureAwait(false);
        return embeddings.Count == texts.Count
            ? [.. embeddings.Select(static embedding => embedding.Vector)]
            : throw new DataVectorException($"The embedding generator returned {embeddings.Count} vectors for {texts.Count} texts.");
    }
}
