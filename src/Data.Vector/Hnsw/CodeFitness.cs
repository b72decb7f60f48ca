using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>
/// Measures whether codes tell neighbours apart: the share of the nearest vectors by floats that are among the first candidates by codes.
/// </summary>
internal static unsafe class CodeFitness
{
    /// <summary>Entries that <see cref="Share"/> reads of each list: one more than it judges, which may tie with the last.</summary>
    public const int NearestRead = Nearest + 1, CandidatesRead = Candidates + 1;

    /// <summary>The smallest share by which a new code book is accepted.</summary>
    public const double Required = 0.97;

    /// <summary>The share of recent insertions below which the codes in use are given up.</summary>
    public const double Alarming = 0.93;

    // Half of the default EfSearch: true neighbours must not depend on the last places of a pool.
    private const int Nearest = 10, Candidates = 50;

    private const int Group = 8, Block = 256;

    /// <summary>Returns the share of the nearest entries by floats that are among the first candidates by codes.</summary>
    /// <param name="nearest">Entries of a pool by floats, sorted; <see cref="NearestRead"/> where there are so many.</param>
    /// <param name="candidates">Entries by codes, sorted; <see cref="CandidatesRead"/> where there are so many.</param>
    /// <remarks>
    /// A candidate that ties with the first one left out counts as missed: codes that are all equal tell nothing apart. Where floats tie
    /// across the end of the nearest, each of those at the end is as good as the next.
    /// </remarks>
    public static double Share(ReadOnlySpan<ulong> nearest, ReadOnlySpan<ulong> candidates)
    {
        var wanted = Math.Min(Nearest, nearest.Length);
        if (wanted == 0 || candidates.Length <= Candidates)
            return 1;
        var leftOut = NeighborSelection.Key(candidates[Candidates]);
        var farthest = NeighborSelection.Key(nearest[wanted - 1]);
        var tied = nearest.Length > wanted && NeighborSelection.Key(nearest[wanted]) == farthest;
        var found = 0;
        for (var i = 0; i < wanted; i++)
        {
            if ((tied && NeighborSelection.Key(nearest[i]) == farthest) || IsAmong(candidates[..Candidates], nearest[i], leftOut))
                found++;
        }

        return (double)found / wanted;
    }

    /// <summary>Returns the share of a code book over whole rows: each query against all of them.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="view">Its memory.</param>
    /// <param name="book">The code book.</param>
    /// <param name="rows">The slots to search.</param>
    /// <param name="queries">The slots to search for.</param>
    public static double Measure(HnswGraph graph, GraphView view, CodeBook book, int[] rows, int[] queries)
    {
        if (queries.Length == 0 || rows.Length <= Candidates)
            return 1;
        var shares = new double[(queries.Length + Group - 1) / Group];
        Parallel.For(0, shares.Length, i =>
        {
            var own = queries.AsSpan(i * Group, Math.Min(Group, queries.Length - (i * Group)));
            shares[i] = SumOfShares(graph, view with { Book = null }, book, rows, own);
        });
        return shares.Sum() / queries.Length;
    }

    private static bool IsAmong(ReadOnlySpan<ulong> candidates, ulong entry, uint leftOut)
    {
        foreach (var candidate in candidates)
        {
            if (CandidatePool.Slot(candidate) == CandidatePool.Slot(entry))
                return NeighborSelection.Key(candidate) < leftOut;
        }

        return false;
    }

    // A block of rows is encoded once and read by every query of the group while it is in the cache.
    private static double SumOfShares(HnswGraph graph, in GraphView floats, CodeBook book, int[] rows, ReadOnlySpan<int> queries)
    {
        var sides = new QuerySide[queries.Length];
        for (var i = 0; i < sides.Length; i++)
            sides[i] = new QuerySide(graph, floats, book, queries[i]);
        var codes = GC.AllocateUninitializedArray<byte>(Block * graph.CodeBytes, pinned: true);
        fixed (byte* block = codes)
        {
            for (var from = 0; from < rows.Length; from += Block)
            {
                var part = rows.AsSpan(from, Math.Min(Block, rows.Length - from));
                for (var i = 0; i < part.Length; i++)
                {
                    var row = floats.Floats + ((nint)part[i] * graph.Parameters.Dimension);
                    book.Encode(row, graph.NormFactor(floats, part[i]), block + ((nint)i * graph.CodeBytes));
                }

                foreach (var side in sides)
                    side.Offer(floats, part, block);
            }
        }

        return sides.Sum(static side => side.Share());
    }

    /// <summary>The nearest rows so far to one query, by floats and by codes.</summary>
    private sealed class QuerySide
    {
        private readonly HnswGraph _graph;
        private readonly int _query;
        private readonly byte[] _code;
        private readonly ulong[] _nearestEntries = Entries(NearestRead);
        private readonly ulong[] _candidateEntries = Entries(CandidatesRead);
        private CandidatePool _nearest;
        private CandidatePool _candidates;

        public QuerySide(HnswGraph graph, in GraphView view, CodeBook book, int query)
        {
            _graph = graph;
            _query = query;
            _code = GC.AllocateUninitializedArray<byte>(graph.CodeBytes, pinned: true);
            fixed (byte* code = _code)
                book.EncodeQuery(view.Floats + ((nint)query * graph.Parameters.Dimension), graph.NormFactor(view, query), code);
            fixed (ulong* nearest = _nearestEntries, candidates = _candidateEntries)
            {
                _nearest = new CandidatePool(nearest, NearestRead);
                _candidates = new CandidatePool(candidates, CandidatesRead);
            }
        }

        public void Offer(in GraphView floats, ReadOnlySpan<int> rows, byte* codes)
        {
            fixed (byte* code = _code)
            {
                var offer = new Scoring(ref _candidates, rows, _query, direct: false);
                ScorerChoice.RunCodes(_graph, code, codes, ref offer);
                offer = new Scoring(ref _nearest, rows, _query, direct: true);
                ScorerChoice.Run(_graph, floats, _query, ref offer);
            }
        }

        public double Share() => CodeFitness.Share(
            _nearestEntries.AsSpan(0, _nearest.Count), _candidateEntries.AsSpan(0, _candidates.Count));

        private static ulong[] Entries(int size) => GC.AllocateUninitializedArray<ulong>(size + CandidatePool.Spare, pinned: true);
    }

    // Codes of a block are numbered by their place in it, floats by their slot.
    private readonly ref struct Scoring(ref CandidatePool pool, ReadOnlySpan<int> rows, int query, bool direct) : IScoredOperation
    {
        private readonly ref CandidatePool _pool = ref pool;
        private readonly ReadOnlySpan<int> _rows = rows;

        public void Run<TScorer>(TScorer scorer)
            where TScorer : struct, ISlotScorer<TScorer>
        {
            for (var i = 0; i < _rows.Length; i++)
            {
                var entry = CandidatePool.Entry(scorer.Score(direct ? _rows[i] : i), _rows[i]);
                if (_rows[i] != query && _pool.IsNear(entry))
                    _pool.Insert(entry);
            }
        }
    }
}
