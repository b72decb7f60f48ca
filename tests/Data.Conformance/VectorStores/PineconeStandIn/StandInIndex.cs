using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Data.Conformance.VectorStores.PineconeStandIn;

/// <summary>An index with its namespaces. Writes get a number at once and are seen after a while, in order.</summary>
internal sealed class StandInIndex(string name, string host, int dimension, string metric)
{
    private const int MaxVectors = 1_000, MaxMetadata = 40 * 1024, MaxTop = 10_000, MaxPage = 100;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, SortedDictionary<string, JsonObject>> _namespaces = new(StringComparer.Ordinal);
    private readonly Queue<(long Number, DateTime SeenAt, Action Apply)> _unseen = new();
    private long _written;
    private long _indexed;
    private int _described;

    public JsonObject Describe()
    {
        // Not ready when it is made, nor the first time that somebody asks.
        var ready = Interlocked.Increment(ref _described) > 2;
        return new JsonObject
        {
            ["name"] = name,
            ["dimension"] = dimension,
            ["metric"] = metric,
            ["host"] = host,
            ["vector_type"] = "dense",
            ["deletion_protection"] = "disabled",
            ["status"] = new JsonObject { ["ready"] = ready, ["state"] = ready ? "Ready" : "Initializing" },
        };
    }

    public (long Number, int Count) Upsert(JsonObject body, TimeSpan delay)
    {
        var vectors = body["vectors"]!.AsArray();
        Require(vectors.Count is > 0 and <= MaxVectors, $"Vectors per upsert: 1 to {MaxVectors}.");
        JsonObject[] records = [.. vectors.Select(vector => Checked(vector!.AsObject()))];
        return (Enqueue(delay, () =>
        {
            foreach (var record in records)
                Namespace((string?)body["namespace"] ?? "")[(string)record["id"]!] = record;
        }), records.Length);
    }

    public long Delete(JsonObject body, TimeSpan delay)
    {
        string[] ids = [.. body["ids"]!.AsArray().Select(id => (string)id!)];
        Require(ids.Length is > 0 and <= MaxVectors, $"Ids per delete: 1 to {MaxVectors}.");
        return Enqueue(delay, () => Array.ForEach(ids, id => Namespace((string)body["namespace"]!).Remove(id)));
    }

    public (JsonObject Answer, long Indexed) Query(JsonObject body, bool missingIsNotEqual)
    {
        var query = Numbers(body["vector"]!);
        var top = (int)body["topK"]!;
        Require(query.Length == dimension, $"Vector dimension {query.Length} does not match the dimension of the index {dimension}.");
        Require(top is >= 1 and <= MaxTop, "topK must be from 1 to 10000.");
        var filter = new StandInFilter(missingIsNotEqual);
        lock (_gate)
        {
            Settle();
            var matches = Namespace((string)body["namespace"]!).Values
                .Where(
                    record => body["filter"] is null || filter.Accepts(body["filter"]!.AsObject(), record["metadata"] as JsonObject ?? []))
                .Select(record => (Record: record, Score: Score(query, Numbers(record["values"]!))))
                .OrderBy(pair => metric == "euclidean" ? pair.Score : -pair.Score)
                .Take(top)
                .Select(pair => (JsonNode)new JsonObject
                {
                    ["id"] = pair.Record["id"]!.DeepClone(),
                    ["score"] = pair.Score,
                    ["values"] = (bool)body["includeValues"]! ? pair.Record["values"]!.DeepClone() : new JsonArray(),
                    ["metadata"] = (bool)body["includeMetadata"]! ? pair.Record["metadata"]?.DeepClone() : null,
                });
            return (new JsonObject { ["matches"] = new JsonArray([.. matches]), ["namespace"] = body["namespace"]!.DeepClone() }, _indexed);
        }
    }

    public JsonObject Fetch(string space, string[] ids)
    {
        Require(ids.Length <= MaxVectors, $"Ids per fetch: at most {MaxVectors}.");
        lock (_gate)
        {
            Settle();
            var records = Namespace(space);
            var found = ids.Where(records.ContainsKey).Select(id => KeyValuePair.Create(id, (JsonNode?)records[id].DeepClone()));
            return new JsonObject { ["vectors"] = new JsonObject(found), ["namespace"] = space };
        }
    }

    public JsonObject List(string space, int limit, string? token)
    {
        Require(limit is >= 1 and <= MaxPage, $"limit must be from 1 to {MaxPage}.");
        lock (_gate)
        {
            Settle();
            string[] rest = [.. Namespace(space).Keys.Where(id => token is null || string.CompareOrdinal(id, token) > 0).Take(limit + 1)];
            var answer = new JsonObject
            {
                ["vectors"] = new JsonArray([.. rest.Take(limit).Select(id => (JsonNode)new JsonObject { ["id"] = id })]),
                ["namespace"] = space
            };
            if (rest.Length > limit)
                answer["pagination"] = new JsonObject { ["next"] = rest[limit - 1] };

            return answer;
        }
    }

    public JsonObject Stats()
    {
        lock (_gate)
        {
            Settle();
            return new JsonObject
            {
                ["dimension"] = dimension,
                ["totalVectorCount"] = _namespaces.Values.Sum(records => records.Count),
                ["namespaces"] = new JsonObject(_namespaces.Where(pair => pair.Value.Count > 0)
                    .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)new JsonObject { ["vectorCount"] = pair.Value.Count }))),
            };
        }
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new StandInRefusal(message);
    }

    private static float[] Numbers(JsonNode json) => [.. json.AsArray().Select(value => (float)value!)];

    private JsonObject Checked(JsonObject record)
    {
        var values = Numbers(record["values"]!);
        Require(((string)record["id"]!).Length is > 0 and <= 512, "The id must have 1 to 512 characters.");
        Require(values.Length == dimension, $"Vector dimension {values.Length} does not match the dimension of the index {dimension}.");
        Require(Array.Exists(values, value => value != 0), "Dense vectors must contain at least one non-zero value.");
        Require(
            Encoding.UTF8.GetByteCount(record["metadata"]?.ToJsonString(Json) ?? "") <= MaxMetadata,
            "Metadata size exceeds the limit of 40960 bytes per vector.");
        foreach (var (key, value) in record["metadata"] as JsonObject ?? [])
        {
            var sound = value switch
            {
                JsonValue => true,
                JsonArray list => list.All(item => item is JsonValue text && text.GetValueKind() == System.Text.Json.JsonValueKind.String),
                _ => false,
            };
            Require(
                sound && !key.StartsWith('$'),
                "Metadata value must be a string, number, boolean or list of strings, "
                + $"got '{value?.ToJsonString() ?? "null"}' for field '{key}'.");
        }

        var kept = record.DeepClone().AsObject();
        Round(kept["metadata"] as JsonObject);
        return kept;
    }

    private static readonly System.Text.Json.JsonSerializerOptions Json = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    /// <summary>All numbers are doubles, and come back in the shortest form, without a point where they can.</summary>
    private static void Round(JsonObject? metadata)
    {
        foreach (var key in metadata?.Select(pair => pair.Key).ToArray() ?? [])
        {
            if (metadata![key] is JsonValue number && number.GetValueKind() == System.Text.Json.JsonValueKind.Number)
            {
                metadata[key] = JsonNode.Parse(
                    double.Parse(number.ToJsonString(), CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture));
            }
        }
    }

    private double Score(float[] left, float[] right) => metric switch
    {
        "euclidean" => left.Zip(right).Sum(pair => Math.Pow((double)pair.First - pair.Second, 2)),
        "dotproduct" => Dot(left, right),
        _ => Dot(left, right) / Math.Sqrt(Dot(left, left) * Dot(right, right)),
    };

    private static double Dot(float[] left, float[] right) => left.Zip(right).Sum(pair => (double)pair.First * pair.Second);

    private SortedDictionary<string, JsonObject> Namespace(string space) =>
        _namespaces.TryGetValue(space, out var records) ?
            records :
            _namespaces[space] = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);

    private long Enqueue(TimeSpan delay, Action apply)
    {
        lock (_gate)
        {
            _unseen.Enqueue((++_written, DateTime.UtcNow + delay, apply));
            return _written;
        }
    }

    private void Settle()
    {
        while (_unseen.TryPeek(out var next) && next.SeenAt <= DateTime.UtcNow)
        {
            _unseen.Dequeue().Apply();
            _indexed = next.Number;
        }
    }
}
