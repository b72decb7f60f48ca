using Data.Vector.Distance;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;
using Data.Vector.Quantization;

namespace Data.Vector.Tests.Hnsw;

public sealed unsafe class RerankLimitTests
{
    private const int Dimension = 32, Results = 10;

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void Rerank_InnerProduct_ErrorsOfTheCodesNeverHideAResult(float clipped)
    {
        // Many vectors of nearly the same product: the order by codes is far from the order by floats. Clipping shortens all of them.
        var random = new Random(3);
        var centre = Numbers(random, 1);
        var query = Numbers(random, 1);
        (centre[0], query[0]) = (clipped, 1);
        var rows = Enumerable.Range(0, 1_000).Select(_ => Numbers(random, 0.02f).Zip(centre, (a, b) => a + b).ToArray()).ToArray();
        var book = new CodeBook(DistanceMetric.InnerProduct, new float[Dimension], 2);
        var candidates = Keys(book, query, rows).Select((key, row) => (Key: key, Distance: 1 - Product(query, rows[row])))
            .OrderBy(candidate => candidate.Key).ToArray();

        var rescored = Rescore(book, query, candidates, out var found);
        found.ShouldBe(candidates.Select(candidate => candidate.Distance).Order().Take(Results));
        candidates.Take(3 * Results).Select(candidate => candidate.Distance).Order().Take(Results).ShouldNotBe(found);
        rescored.ShouldBeInRange(3 * Results, 1_000);
    }

    [Fact]
    public void Rerank_InnerProductsFarApart_EndsSoon()
    {
        var random = new Random(4);
        var query = Numbers(random, 1);
        var rows = Enumerable.Range(0, 1_000).Select(i => query.Select(x => x * (1 - (i * 1e-3f))).ToArray()).ToArray();
        var book = new CodeBook(DistanceMetric.InnerProduct, new float[Dimension], 2);
        var candidates = Keys(book, query, rows).Select((key, row) => (Key: key, Distance: 1 - Product(query, rows[row])))
            .OrderBy(candidate => candidate.Key).ToArray();

        Rescore(book, query, candidates, out var found).ShouldBeLessThan(100);
        found.ShouldBe(candidates.Select(candidate => candidate.Distance).Order().Take(Results));
    }

    private static int Rescore(CodeBook book, float[] query, (uint Key, float Distance)[] candidates, out float[] found)
    {
        var kept = new Neighbor[Results];
        var heap = new NeighborHeap(kept);
        var rank = 0;
        fixed (float* floats = query)
        {
            var limit = new RerankLimit(book, DistanceMetric.InnerProduct, Dimension, Results, floats);
            for (; rank < candidates.Length && !limit.IsPast(rank, candidates[rank].Key, heap.Bound); rank++)
            {
                limit.Observe(candidates[rank].Key, candidates[rank].Distance);
                heap.Offer(new Neighbor(rank, candidates[rank].Distance));
            }
        }

        heap.Sort();
        found = [.. kept.Select(neighbor => neighbor.Distance)];
        return rank;
    }

    private static uint[] Keys(CodeBook book, float[] query, float[][] rows)
    {
        byte* codes = stackalloc byte[2 * book.CodeBytes];
        var keys = new uint[rows.Length];
        fixed (float* floats = query)
            book.EncodeQuery(floats, 1, codes);
        for (var i = 0; i < rows.Length; i++)
        {
            fixed (float* floats = rows[i])
                book.Encode(floats, 1, codes + book.CodeBytes);
            keys[i] = CodeDotScorer.Top - (uint)ScalarKernels.CodeCentredDot(codes, codes + book.CodeBytes, book.CodeBytes);
        }

        return keys;
    }

    private static float Product(float[] a, float[] b)
    {
        fixed (float* left = a, right = b)
            return ScalarKernels.Dot(left, right, a.Length);
    }

    private static float[] Numbers(Random random, float size) =>
        [.. Enumerable.Range(0, Dimension).Select(_ => ((random.NextSingle() * 2) - 1) * size)];
}
