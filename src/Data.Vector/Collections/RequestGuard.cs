namespace Data.Vector.Collections;

/// <summary>Rejects malformed searches before they run.</summary>
internal static class RequestGuard
{
    private const int MaxCandidates = 10_000;

    public static void Check(VectorSearchRequest request, bool canEmbed)
    {
        ArgumentNullException.ThrowIfNull(request);
        Query(request.Text, request.Vector, canEmbed);
        InputGuard.InRange(request.Top, 1, VectorSearchRequest.MaxTop, nameof(request.Top));
        InputGuard.InRange(request.Skip, 0, VectorSearchRequest.MaxTop - request.Top, nameof(request.Skip));
        if (request.Threshold is float.NaN)
            throw new VectorInputException("Threshold is NaN; use a number, or VectorSearchRequest.NoThreshold to switch it off.");

        if (request.EfSearch is { } ef)
            InputGuard.InRange(ef, 1, 10_000, nameof(request.EfSearch));

        if (request.Mmr is { } mmr)
        {
            if (!(mmr.Lambda >= 0 && mmr.Lambda <= 1))
                throw new VectorInputException($"Mmr.Lambda is {mmr.Lambda}; it must be from 0 to 1.");

            if (mmr.CandidateCount != 0)
                InputGuard.InRange(mmr.CandidateCount, request.Skip + request.Top, MaxCandidates, "Mmr.CandidateCount");
        }
    }

    public static void Check(VectorRangeRequest request, bool canEmbed)
    {
        ArgumentNullException.ThrowIfNull(request);
        Query(request.Text, request.Vector, canEmbed);
        InputGuard.InRange(request.Limit, 1, VectorSearchRequest.MaxTop, nameof(request.Limit));
        if (float.IsNaN(request.MaxDistance))
            throw new VectorInputException("MaxDistance is NaN; use a number.");
    }

    public static void Check(HybridSearchRequest request, bool canEmbed)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (string.IsNullOrEmpty(request.Text))
            throw new VectorInputException("Text is empty; name the words to search for, or use SearchAsync to search by vector only.");

        if (request.Fusion is null)
            throw new VectorInputException("Fusion is null; use HybridFusion.ReciprocalRank or HybridFusion.Weighted.");

        if (request.Fusion.UsesVector)
            Query(request.TextToEmbed, request.Vector, canEmbed);

        InputGuard.InRange(request.Top, 1, VectorSearchRequest.MaxTop, nameof(request.Top));
        InputGuard.InRange(request.Skip, 0, VectorSearchRequest.MaxTop - request.Top, nameof(request.Skip));
        InputGuard.InRange(request.Candidates, 1, HybridSearchRequest.MaxCandidates, nameof(request.Candidates));
        if (request.EfSearch is { } ef)
            InputGuard.InRange(ef, 1, 10_000, nameof(request.EfSearch));
    }

    public static void Vector(ReadOnlySpan<float> vector, VectorCollectionOptions options)
    {
        if (VectorGuard.Refusal(vector, options.Dimensions, options.Metric) is { } reason)
            throw new VectorInputException($"The query vector {reason}.");
    }

    private static void Query(string? text, ReadOnlyMemory<float> vector, bool canEmbed)
    {
        if (text is null)
            return;

        if (!vector.IsEmpty || text.Length == 0)
            throw new VectorInputException("Search for a vector, or for a text that is not empty.");

        if (!canEmbed)
        {
            throw new VectorInputException("The search is for a text, but the store has no embedding generator. Register an "
                + "IEmbeddingGenerator<string, Embedding<float>>, or search for a vector.");
        }
    }
}
