using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.AI;

namespace ConfigurationService.Documents;

/// <summary>
/// Embeds text without a model: words and their three-letter pieces are hashed into a vector of fixed size, with a sign of their own, and
/// the vector is brought to length one ("feature hashing", Weinberger et al. 2009). Texts that share words or parts of words come out near
/// each other; meaning beyond the letters is not seen. Deterministic on every machine, thread-safe.
/// </summary>
internal sealed class HashedNgramGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    public const int Dimensions = 256;
    private const int PieceLength = 3;
    private const float PieceWeight = 0.5f;

    private static readonly EmbeddingGeneratorMetadata Metadata = new(
        "hashed-ngram",
        defaultModelId: "hashed-ngram-v1",
        defaultModelDimensions: Dimensions);

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(static text => new Embedding<float>(Embed(text)))));

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ?
            null :
            serviceType == typeof(EmbeddingGeneratorMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // Holds nothing.
    }

    public static float[] Embed(string text)
    {
        var vector = new float[Dimensions];
        foreach (var word in Words(text.Normalize(NormalizationForm.FormKC).ToLowerInvariant()))
        {
            Add(vector, word, 1);
            // Marks at both ends tell a beginning from a middle.
            var marked = $"^{word}$";
            for (var i = 0; i + PieceLength <= marked.Length; i++)
                Add(vector, marked.AsSpan(i, PieceLength), PieceWeight);
        }

        Normalize(vector);
        return vector;
    }

    private static void Normalize(float[] vector)
    {
        var norm = MathF.Sqrt(vector.Sum(static v => v * v));
        if (norm > 0)
        {
            for (var i = 0; i < vector.Length; i++)
                vector[i] /= norm;
        }
        else
        {
            // A text without letters still needs a direction.
            vector[0] = 1;
        }
    }

    private static IEnumerable<string> Words(string text)
    {
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsLetterOrDigit(text[i]))
            {
                start = start < 0 ? i : start;
            }
            else if (start >= 0)
            {
                yield return text[start..i];
                start = -1;
            }
        }
    }

    private static void Add(float[] vector, ReadOnlySpan<char> piece, float weight)
    {
        var hash = Hash(piece);
        vector[hash % Dimensions] += (hash & 0x8000_0000) == 0 ? weight : -weight;
    }

    // FNV-1a, finished as MurmurHash3 does: the same on every machine and run, which string.GetHashCode is not.
    private static uint Hash(ReadOnlySpan<char> text)
    {
        var hash = 2_166_136_261u;
        Span<byte> bytes = stackalloc byte[2];
        foreach (var c in text)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, c);
            hash = (hash ^ bytes[0]) * 16_777_619u;
            hash = (hash ^ bytes[1]) * 16_777_619u;
        }

        hash = (hash ^ (hash >> 16)) * 0x85eb_ca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2_ae35;
        return hash ^ (hash >> 16);
    }
}
