using System.Globalization;
using System.IO.Compression;

namespace Data.Benchmarks.Cache;

/// <summary>Reference strings: sequences of keys, from files or generated from a seed.</summary>
internal static class Traces
{
    /// <summary>Reads every *.trace.gz of a folder: one number per line; other lines are marks and are skipped.</summary>
    public static IEnumerable<(string Name, int[] Keys)> Read(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.trace.gz").Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
            var ids = new Dictionary<long, int>();
            var keys = new List<int>();
            while (reader.ReadLine() is { } line)
            {
                if (!long.TryParse(line.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var key))
                    continue;
                if (!ids.TryGetValue(key, out var id))
                    ids.Add(key, id = ids.Count);
                keys.Add(id);
            }

            yield return (Path.GetFileName(path).Replace(".trace.gz", "", StringComparison.Ordinal), [.. keys]);
        }
    }

    /// <summary>Generates the shapes that caches meet: loops, scans, shifting popularity, bursts, recency.</summary>
    public static IEnumerable<(string Name, int[] Keys)> Generate(int seed)
    {
        yield return ("loop", [.. Enumerable.Range(0, 40 * 2_000).Select(static i => i % 2_000)]);
        yield return ("zipf", Zipf(10_000, 0.9, 150_000, shifts: 1, seed));
        yield return ("zipf, shifting", Zipf(10_000, 0.9, 200_000, shifts: 4, seed + 1));
        yield return ("zipf and scans", Scans(Zipf(10_000, 0.99, 150_000, shifts: 1, seed + 2), seed + 3));
        yield return ("bursts", Bursts(20_000, window: 300, seed + 4));
        yield return ("recency", Recency(100_000, seed + 5));
    }

    /// <summary>Zipf popularity over the keys; at each shift the keys change places.</summary>
    private static int[] Zipf(int keys, double skew, int requests, int shifts, int seed)
    {
        var random = new Random(seed);
        var sums = new double[keys];
        for (var i = 0; i < keys; i++)
            sums[i] = (i == 0 ? 0 : sums[i - 1]) + Math.Pow(i + 1, -skew);
        var places = Enumerable.Range(0, keys).ToArray();
        var trace = new int[requests];
        for (var at = 0; at < requests; at++)
        {
            if (at % (requests / shifts) == 0)
                random.Shuffle(places);
            var found = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
            trace[at] = places[Math.Min(keys - 1, found < 0 ? ~found : found)];
        }

        return trace;
    }

    /// <summary>Puts scans of 3,000 keys that nobody asks for again between the requests.</summary>
    private static int[] Scans(int[] requests, int seed)
    {
        var random = new Random(seed);
        var next = requests.Max() + 1;
        var trace = new List<int>();
        foreach (var key in requests)
        {
            trace.Add(key);
            if (random.Next(15_000) == 0)
                trace.AddRange(Enumerable.Range(next, 3_000));
            next += 3_000;
        }

        return [.. trace];
    }

    /// <summary>Every key is used one to five times, a short while apart, and then never again.</summary>
    private static int[] Bursts(int keys, int window, int seed)
    {
        var random = new Random(seed);
        var uses = new List<(double At, int Key)>();
        for (var key = 0; key < keys; key++)
        {
            var at = random.NextDouble() * keys * 3;
            for (var left = 1 + random.Next(5); left > 0; left--, at += random.NextDouble() * window)
                uses.Add((at, key));
        }

        return [.. uses.OrderBy(static use => use.At).Select(static use => use.Key)];
    }

    /// <summary>A tenth new keys; the others by how long ago they were used, evenly over the logarithm.</summary>
    private static int[] Recency(int requests, int seed)
    {
        var random = new Random(seed);
        var stack = new List<int>();
        var trace = new int[requests];
        var next = 0;
        for (var at = 0; at < requests; at++)
        {
            if (stack.Count < 5 || random.Next(10) == 0)
            {
                stack.Add(next);
                trace[at] = next++;
                if (stack.Count > 5_000)
                    stack.RemoveAt(0);
                continue;
            }

            var distance = Math.Min(stack.Count, (int)Math.Exp(random.NextDouble() * Math.Log(stack.Count)));
            var key = stack[^distance];
            stack.RemoveAt(stack.Count - distance);
            stack.Add(key);
            trace[at] = key;
        }

        return trace;
    }
}
