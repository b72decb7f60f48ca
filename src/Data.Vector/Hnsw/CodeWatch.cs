namespace Data.Vector.Hnsw;

/// <summary>
/// Watches on a share of the insertions whether the codes still tell neighbours apart, and keeps the slots that were linked since they
/// last did.
/// </summary>
/// <remarks>
/// An insertion has searched for the neighbours of a vector by codes anyway; a watched one scores what it found with floats too. So recent
/// data are judged at their own density, which a sample of the collection does not have.
/// </remarks>
internal sealed unsafe class CodeWatch(HnswGraph graph)
{
    /// <summary>Candidates that a watched insertion collects, at least.</summary>
    public const int Candidates = 200;

    // Scoring 200 candidates costs as much as a tenth of an insertion. 32 insertions have 320 neighbours.
    private const int Every = 8, Window = 32;

    private readonly Lock _gate = new();
    private readonly List<int> _unproven = [];
    private long _inserted;
    private double _sum;
    private int _observed;
    private volatile bool _isAlarmed;

    /// <summary>Whether the codes failed in the last window.</summary>
    public bool IsAlarmed => _isAlarmed;

    /// <summary>Takes note of an insertion by codes; returns whether to watch it.</summary>
    public bool Begin(int slot)
    {
        lock (_gate)
        {
            _unproven.Add(slot);
            return ++_inserted % Every == 0;
        }
    }

    /// <summary>Judges the codes by the candidates that an insertion found.</summary>
    /// <param name="view">The memory of the graph.</param>
    /// <param name="slot">The inserted vector.</param>
    /// <param name="candidates">Entries of a pool, sorted.</param>
    /// <param name="count">How many there are.</param>
    public void Observe(in GraphView view, int slot, ulong* candidates, int count)
    {
        count = Math.Min(count, Candidates);
        if (count < CodeFitness.CandidatesRead)
            return;
        var nearest = stackalloc ulong[count];
        var scoring = new Scoring(candidates, nearest, count);
        ScorerChoice.Run(graph, view with { Book = null }, slot, ref scoring);
        var byCode = stackalloc ulong[count];
        scoring = new Scoring(candidates, byCode, count);
        // As a search would: under the inner product its code is finer than the one that is stored.
        var code = stackalloc byte[graph.CodeBytes];
        view.Book!.EncodeQuery(view.Floats + ((nint)slot * graph.Parameters.Dimension), graph.NormFactor(view, slot), code);
        ScorerChoice.RunCodes(graph, code, view.Codes, ref scoring);
        Observe(CodeFitness.Share(Sorted(nearest, count)[..CodeFitness.NearestRead], Sorted(byCode, count)));
    }

    private static Span<ulong> Sorted(ulong* entries, int count)
    {
        var sorted = new Span<ulong>(entries, count);
        sorted.Sort();
        return sorted;
    }

    /// <summary>Returns the slots below a limit that were linked since the codes were last found fit.</summary>
    public int[] Recent(int limit)
    {
        lock (_gate)
            return [.. _unproven.Where(slot => slot < limit)];
    }

    /// <summary>Begins a new window, and returns the slots that were linked since the codes were last found fit.</summary>
    public int[] Reset()
    {
        lock (_gate)
        {
            int[] unproven = [.. _unproven];
            _unproven.Clear();
            (_sum, _observed, _isAlarmed) = (0, 0, false);
            return unproven;
        }
    }

    private void Observe(double share)
    {
        lock (_gate)
        {
            _sum += share;
            if (++_observed < Window)
                return;
            if (_sum < CodeFitness.Alarming * Window)
                _isAlarmed = true;
            else
                _unproven.Clear();
            (_sum, _observed) = (0, 0);
        }
    }

    private readonly ref struct Scoring(ulong* candidates, ulong* scored, int count) : IScoredOperation
    {
        public void Run<TScorer>(TScorer scorer)
            where TScorer : struct, ISlotScorer<TScorer>
        {
            for (var i = 0; i < count; i++)
            {
                var slot = CandidatePool.Slot(candidates[i]);
                scored[i] = CandidatePool.Entry(scorer.Score(slot), slot);
            }
        }
    }
}
