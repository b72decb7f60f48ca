using Data.Vector;

namespace Data.Conformance.VectorStores;

public abstract partial class VectorStoreConformance
{
    public static TheoryData<string, string[]> Filters => new()
    {
        { "n = 1", ["a", "b"] },
        { "n = 1.0", ["a", "b"] },
        { "n != 1", ["c", "d", "e", "f"] },
        { "n > 1", ["c", "f"] },
        { "n >= 1", ["a", "b", "c", "f"] },
        { "n < 2.5", ["a", "b"] },
        { "n <= 2.5", ["a", "b", "c"] },
        { "not n > 1", ["a", "b", "d", "e"] },
        { "n in 1, 2.5", ["a", "b", "c"] },
        { "n in nothing", [] },
        { "n not in 1, 2.5", ["d", "e", "f"] },
        { "n = big", ["f"] },
        { "n > big - 1", ["f"] },
        { "s = x", ["a"] },
        { "s != x", ["b", "c", "d", "e", "f"] },
        { "s >= xa", ["c", "d"] },
        { "s contains y", ["c", "d"] },
        { "flag = true", ["a"] },
        { "flag != true", ["b", "c", "d", "e", "f"] },
        { "flag = 1", [] },
        { "tags contains p", ["a", "b"] },
        { "not tags contains p", ["c", "d", "e", "f"] },
        { "tags = p", [] },
        { "nums contains 1", ["c", "d"] },
        { "doc contains Hello", ["a", "c"] },
        { "doc contains hello", ["b"] },
        { "doc contains %_*", ["d"] },
        { "not doc contains Hello", ["b", "d", "e", "f"] },
        { "n = 1 and doc contains Hello", ["a"] },
        { "n = 1 or doc contains Hello", ["a", "b", "c"] },
        { "not (n = 1 or doc contains Hello)", ["d", "e", "f"] },
        { "not (n = 1 and doc contains Hello)", ["b", "c", "d", "e", "f"] },
        { "(n > 1 or s = x) and not s contains y", ["a", "f"] },
        { "n in nothing or s = x", ["a"] },
        { "missing != 1", ["a", "b", "c", "d", "e", "f"] },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Filter_Meaning_IsTheSameInEveryStore(string name, string[] accepted)
    {
        var collection = await FilterCollectionAsync();
        var filter = Named(name);

        (await collection.CountAsync(filter, Cancel)).ShouldBe(accepted.Length);
        if (await SearchOrRefusalAsync(collection, new(Unit(0)) { Top = 10, Filter = filter }) is { } found)
        {
            found.ShouldBe(accepted);
            Ids(await collection.SearchAsync(new(Unit(0)) { Top = 1, Filter = filter }, Cancel)).ShouldBe(accepted.Take(1));
        }

        (await collection.StreamAsync(new() { Filter = filter }, Cancel).ToListAsync(Cancel)).Select(record => record.Id)
            .Order(StringComparer.Ordinal)
            .ShouldBe(accepted);
    }

    [Fact]
    public async Task Filter_RandomCombinations_AcceptWhatTheirDefinitionAccepts()
    {
        var collection = await NewCollectionAsync();
        var random = new Random(11);
        var records = Enumerable.Range(0, 120).Select(i => RandomRecord(random, i)).ToArray();
        await collection.AddAsync(records, Cancel);
        for (var round = 0; round < 40; round++)
        {
            var filter = RandomFilter(random, depth: 3);
            var query = RandomVector(random);
            var matching = records.Where(record => filter.Matches(record.Metadata!, record.Document)).ToList();

            var found = await SearchOrRefusalAsync(collection, new(query) { Top = 7, Filter = filter, EfSearch = 200 });

            found?.ShouldBe(Nearest(matching, query, DistanceMetric.L2, 7).Select(pair => pair.Id), filter.ToString());
            (await collection.CountAsync(filter, Cancel)).ShouldBe(matching.Count, filter.ToString());
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(-0.5)]
    [InlineData(1.5)]
    [InlineData(-1.5)]
    [InlineData(0.0)]
    [InlineData(1e300)]
    [InlineData(-1e300)]
    public async Task Filter_NumberBesideWholeNumbers_ComparesByValue(double operand)
    {
        var collection = await NewCollectionAsync();
        MetadataValue[] values = [-2, -1, 0, 1, 2, -1.5, -0.5, 0.0, 0.5, 1.5, long.MaxValue, long.MinValue, 1e300, -1e300];
        var records = values.Select((value, i) => new VectorRecord($"r{i:00}", Unit(0, i + 1)) { Metadata = new() { ["n"] = value } });
        await collection.AddAsync([.. records, new VectorRecord("none", Unit(1))], Cancel);
        (string Name, VectorFilter Filter, Func<MetadataValue, bool> Accepts)[] cases =
        [
            ("eq", VectorFilter.Eq("n", operand), value => value.AsDouble() == operand),
            ("ne", VectorFilter.Ne("n", operand), value => value.AsDouble() != operand),
            ("gt", VectorFilter.Gt("n", operand), value => value.AsDouble() > operand),
            ("gte", VectorFilter.Gte("n", operand), value => value.AsDouble() >= operand),
            ("lt", VectorFilter.Lt("n", operand), value => value.AsDouble() < operand),
            ("lte", VectorFilter.Lte("n", operand), value => value.AsDouble() <= operand),
            ("in", VectorFilter.In("n", operand, 2), value => value.AsDouble() == operand || value.AsDouble() == 2),
            ("nin", VectorFilter.NotIn("n", operand, 2), value => value.AsDouble() != operand && value.AsDouble() != 2),
        ];
        foreach (var (name, filter, accepts) in cases)
        {
            var wanted = values.Select((value, i) => (Id: $"r{i:00}", Value: value)).Where(pair => accepts(pair.Value))
                .Select(pair => pair.Id);
            var found = await collection.StreamAsync(new() { Filter = filter }, Cancel).ToListAsync(Cancel);
            found.Select(record => record.Id).Where(id => id != "none").Order(StringComparer.Ordinal).ShouldBe(wanted, name);
            found.Exists(record => record.Id == "none").ShouldBe(name[0] == 'n', name);
        }
    }

    [Fact]
    public async Task Filter_AfterWrites_FollowsThem()
    {
        var collection = await FilterCollectionAsync();
        var filter = VectorFilter.Gte("n", 1) & VectorFilter.Ne("s", "y");
        Ids(await collection.SearchAsync(new(Unit(0)) { Top = 10, Filter = filter }, Cancel)).ShouldBe(["a", "b", "c", "f"]);

        await collection.UpdateAsync([new VectorRecordUpdate("a") { Metadata = new() { ["n"] = -1 } }, new VectorRecordUpdate("e") {
            Metadata = new() { ["n"] = 40 } }], Cancel);
        await collection.DeleteAsync(["b"], Cancel);
        await collection.UpsertAsync([new VectorRecord("c", Unit(0, 9)) { Metadata = new() { ["n"] = 7, ["s"] = "y" } }], Cancel);

        Ids(await collection.SearchAsync(new(Unit(0)) { Top = 10, Filter = filter }, Cancel)).ShouldBe(["e", "f"]);
        (await collection.CountAsync(VectorFilter.Eq("n", 7), Cancel)).ShouldBe(1);
    }

    private async Task<IVectorCollection> FilterCollectionAsync()
    {
        var collection = await NewCollectionAsync();
        VectorMetadata?[] metadata =
        [
            new() { ["n"] = 1, ["s"] = "x", ["flag"] = true, ["tags"] = new[] { "p", "q" } },
            new() { ["n"] = 1.0, ["flag"] = false, ["tags"] = new[] { "p" } },
            new() { ["n"] = 2.5, ["s"] = "xyz", ["nums"] = new[] { 1L, 2L } },
            new() { ["s"] = "y", ["n"] = "1", ["nums"] = new[] { 1.0 } },
            null,
            new() { ["n"] = 9_007_199_254_740_993 },
        ];
        string?[] documents = ["Hello World", "say hello_world", "xHellox", "100%_*?[x]", null, ""];
        await collection.AddAsync(
            [
                .. metadata.Select((m, i) =>
                    new VectorRecord($"{(char)('a' + i)}", Unit(0, i + 1)) { Metadata = m, Document = documents[i] }),
            ],
            Cancel);
        return collection;
    }

    private static VectorFilter Named(string name) => name switch
    {
        "n = 1" => VectorFilter.Eq("n", 1),
        "n = 1.0" => VectorFilter.Eq("n", 1.0),
        "n != 1" => VectorFilter.Ne("n", 1),
        "n > 1" => VectorFilter.Gt("n", 1),
        "n >= 1" => VectorFilter.Gte("n", 1),
        "n < 2.5" => VectorFilter.Lt("n", 2.5),
        "n <= 2.5" => VectorFilter.Lte("n", 2.5),
        "not n > 1" => !VectorFilter.Gt("n", 1),
        "n in 1, 2.5" => VectorFilter.In("n", 1, 2.5),
        "n in nothing" => VectorFilter.In("n"),
        "n not in 1, 2.5" => VectorFilter.NotIn("n", 1, 2.5),
        "n = big" => VectorFilter.Eq("n", 9_007_199_254_740_993),
        "n > big - 1" => VectorFilter.Gt("n", 9_007_199_254_740_992),
        "s = x" => VectorFilter.Eq("s", "x"),
        "s != x" => VectorFilter.Ne("s", "x"),
        "s >= xa" => VectorFilter.Gte("s", "xa"),
        "s contains y" => VectorFilter.ContainsText("s", "y"),
        "flag = true" => VectorFilter.Eq("flag", true),
        "flag != true" => VectorFilter.Ne("flag", true),
        "flag = 1" => VectorFilter.Eq("flag", 1),
        "tags contains p" => VectorFilter.Contains("tags", "p"),
        "not tags contains p" => !VectorFilter.Contains("tags", "p"),
        "tags = p" => VectorFilter.Eq("tags", "p"),
        "nums contains 1" => VectorFilter.Contains("nums", 1),
        "doc contains Hello" => VectorFilter.DocumentContains("Hello"),
        "doc contains hello" => VectorFilter.DocumentContains("hello"),
        "doc contains %_*" => VectorFilter.DocumentContains("%_*"),
        "not doc contains Hello" => !VectorFilter.DocumentContains("Hello"),
        "n = 1 and doc contains Hello" => VectorFilter.Eq("n", 1) & VectorFilter.DocumentContains("Hello"),
        "n = 1 or doc contains Hello" => VectorFilter.Eq("n", 1) | VectorFilter.DocumentContains("Hello"),
        "not (n = 1 or doc contains Hello)" => !(VectorFilter.Eq("n", 1) | VectorFilter.DocumentContains("Hello")),
        "not (n = 1 and doc contains Hello)" => !(VectorFilter.Eq("n", 1) & VectorFilter.DocumentContains("Hello")),
        "(n > 1 or s = x) and not s contains y" => (VectorFilter.Gt("n", 1) | VectorFilter.Eq("s", "x"))
            & !VectorFilter.ContainsText("s", "y"),
        "n in nothing or s = x" => VectorFilter.In("n") | VectorFilter.Eq("s", "x"),
        "missing != 1" => VectorFilter.Ne("missing", 1),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    private static VectorRecord RandomRecord(Random random, int i)
    {
        var metadata = new VectorMetadata();
        foreach (var key in new[] { "k0", "k1", "k2" })
        {
            switch (random.Next(6))
            {
                case 0: metadata[key] = RandomScalar(random); break;
                case 1: metadata[key] = random.Next(4); break;
                case 2: metadata[key] = random.Next(8) / 2.0; break;
                case 3: metadata[key] = new[] { $"t{random.Next(3)}", $"t{random.Next(3)}" }; break;
                case 4: metadata[key] = new[] { (long)random.Next(3) }; break;
            }
        }

        return new VectorRecord($"r{i:000}", RandomVector(random))
        {
            Metadata = metadata,
            Document = random.Next(5) == 0 ? null : $"word{random.Next(4)} Word{random.Next(4)}"
        };
    }

    private static MetadataValue RandomScalar(Random random) => random.Next(4) switch
    {
        0 => random.Next(4),
        1 => random.Next(8) / 2.0,
        2 => $"t{random.Next(3)}",
        _ => random.Next(2) == 0,
    };

    private static VectorFilter RandomFilter(Random random, int depth)
    {
        if (depth > 0 && random.Next(3) > 0)
        {
            return random.Next(3) switch
            {
                0 => !RandomFilter(random, depth - 1),
                1 => RandomFilter(random, depth - 1) & RandomFilter(random, depth - 1),
                _ => RandomFilter(random, depth - 1) | RandomFilter(random, depth - 1),
            };
        }

        var key = $"k{random.Next(3)}";
        MetadataValue ordered = random.Next(2) == 0 ? random.Next(8) / 2.0 : $"t{random.Next(3)}";
        return random.Next(9) switch
        {
            0 => VectorFilter.Eq(key, RandomScalar(random)),
            1 => VectorFilter.Ne(key, RandomScalar(random)),
            2 => VectorFilter.Gt(key, ordered),
            3 => VectorFilter.Lte(key, ordered),
            4 => VectorFilter.In(key, RandomScalar(random), RandomScalar(random)),
            5 => VectorFilter.NotIn(key, RandomScalar(random), RandomScalar(random)),
            6 => VectorFilter.Contains(key, RandomScalar(random)),
            7 => VectorFilter.ContainsText(key, "t"),
            _ => VectorFilter.DocumentContains($"word{random.Next(4)}"),
        };
    }

    [Fact]
    public async Task DocumentContainsWords_WholeWords_MeansTheSameInEveryStore()
    {
        var collection = await NewCollectionAsync();
        await collection.UpsertAsync(
            [
                new VectorRecord("a", Unit(0)) { Document = "An INDEX of Café names" },
                new VectorRecord("b", Unit(1)) { Document = "reindexing the cafe" },
                new VectorRecord("c", Unit(2)) { Document = "cafe, index" },
                new VectorRecord("d", Unit(3)),
            ],
            Cancel);
        (VectorFilter Filter, string[] Ids)[] expected =
        [
            (VectorFilter.DocumentContainsWords("index"), ["a", "c"]),
            (VectorFilter.DocumentContainsWords("CAFÉ"), ["a", "b", "c"]),
            (VectorFilter.DocumentContainsWords("cafe index"), ["a", "c"]),
            (VectorFilter.DocumentContainsWords("nowhere"), []),
            (!VectorFilter.DocumentContainsWords("index"), ["b", "d"]),
            (VectorFilter.DocumentContainsWords("the") | VectorFilter.DocumentContainsWords("names"), ["a", "b"]),
            (VectorFilter.DocumentContainsWords("cafe") & VectorFilter.DocumentContains("reind"), ["b"]),
        ];

        // The second time the text index, where there is one, is complete.
        for (var again = 0; again < 2; again++)
        {
            foreach (var (filter, ids) in expected)
            {
                var streamed = new List<string>();
                await foreach (var record in collection.StreamAsync(new() { Filter = filter }, Cancel))
                    streamed.Add(record.Id);

                streamed.Order().ToArray().ShouldBe(ids, customMessage: $"{filter}");
                (await collection.CountAsync(filter, Cancel)).ShouldBe(ids.Length, $"{filter}");
                var found = await SearchOrRefusalAsync(collection, new(Unit(0)) { Top = 10, Filter = filter });
                found?.Order().ToArray().ShouldBe(ids, customMessage: $"{filter}");
            }

            if (collection.SupportsHybridSearch)
                await collection.HybridSearchAsync(new("index", Unit(0)), Cancel);
        }

        Should.Throw<VectorInputException>(() => VectorFilter.DocumentContainsWords(" ... "));
    }
}
