namespace Data.Vector.Tests.TextSearch;

/// <summary>Okapi BM25 as the textbook has it, over texts whose words are separated by spaces, in double precision.</summary>
internal static class Bm25Oracle
{
    public static List<(string Id, double Score)> Rank(IEnumerable<KeyValuePair<string, string?>> texts, string query)
    {
        const double K1 = 1.2, B = 0.75;
        var documents = texts
            .Select(text => (Id: text.Key, Words: text.Value?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? []))
            .Where(document => document.Words.Length > 0)
            .ToList();
        var average = documents.Count == 0 ? 0 : documents.Average(document => (double)document.Words.Length);
        var terms = query.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var having = terms.Distinct().ToDictionary(word => word, word => documents.Count(document => document.Words.Contains(word)));
        var ranked = new List<(string Id, double Score)>();
        foreach (var (id, words) in documents)
        {
            var score = 0.0;
            foreach (var word in terms)
            {
                double frequency = words.Count(other => other == word);
                var rarity = Math.Log(1 + ((documents.Count - having[word] + 0.5) / (having[word] + 0.5)));
                score += rarity * frequency * (K1 + 1) / (frequency + (K1 * (1 - B + (B * words.Length / average))));
            }

            if (score > 0)
                ranked.Add((id, score));
        }

        return [.. ranked.OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Id, StringComparer.Ordinal)];
    }

    /// <summary>Checks a ranking: the scores are those of the oracle, in its order; where scores agree, ids may differ.</summary>
    public static void ShouldBeTheBest(
        this IReadOnlyList<(string Id, double Score)> found, List<(string Id, double Score)> ranked, int top, string what)
    {
        const double Tolerance = 1e-4;
        found.Count.ShouldBe(Math.Min(top, ranked.Count), what);
        for (var i = 0; i < found.Count; i++)
        {
            found[i].Score.ShouldBe(ranked[i].Score, Tolerance, $"{what}, place {i}");
            ranked.Find(hit => hit.Id == found[i].Id).Score.ShouldBe(found[i].Score, Tolerance, $"{what}, {found[i].Id}");
            if (i > 0 && found[i].Score == found[i - 1].Score)
                string.CompareOrdinal(found[i - 1].Id, found[i].Id).ShouldBeLessThan(0, what);
        }

        found.Select(hit => hit.Id).Distinct().Count().ShouldBe(found.Count, what);
    }
}
