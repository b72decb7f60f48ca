using Data.Vector.Distance;

namespace Data.Vector.Collections;

/// <summary>
/// Chooses, one by one, the candidate that is near the query and unlike those chosen before (see <see cref="MmrOptions"/>).
/// </summary>
internal static class MaximalMarginalRelevance
{
    /// <summary>Moves the chosen matches to the front, in the order of their choice.</summary>
    /// <param name="candidates">Matches with vectors, nearest first.</param>
    /// <param name="top">How many to choose.</param>
    /// <param name="lambda">Weight of nearness against variety.</param>
    /// <param name="metric">How candidates are compared with one another.</param>
    /// <returns>How many were chosen.</returns>
    public static int Choose(Span<VectorMatch> candidates, int top, float lambda, DistanceMetric metric)
    {
        var closest = new float[candidates.Length];
        Array.Fill(closest, float.NegativeInfinity);
        var chosen = 0;
        for (; chosen < top && chosen < candidates.Length; chosen++)
        {
            var best = chosen;
            var bestScore = float.NegativeInfinity;
            for (var i = chosen; i < candidates.Length; i++)
            {
                var redundancy = chosen == 0 ? 0 : closest[i];
                var score = (lambda * candidates[i].Similarity) - ((1 - lambda) * redundancy);
                if (score > bestScore)
                    (best, bestScore) = (i, score);
            }

            // Shifting instead of swapping keeps the rest nearest first, so equal scores fall to the nearer one.
            var pick = candidates[best];
            candidates[chosen..best].CopyTo(candidates[(chosen + 1)..]);
            closest.AsSpan(chosen, best - chosen).CopyTo(closest.AsSpan(chosen + 1));
            candidates[chosen] = pick;
            for (var i = chosen + 1; i < candidates.Length; i++)
            {
                var distance = ExactDistance.Between(metric, pick.Vector.Span, candidates[i].Vector.Span);
                closest[i] = Math.Max(closest[i], Similarity.FromDistance(metric, distance));
            }
        }

        return chosen;
    }
}
