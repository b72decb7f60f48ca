using Data.Vector;

namespace Data.Conformance.VectorStores;

public abstract partial class VectorStoreConformance
{
    [Fact]
    public async Task Add_NewRecords_AreCountedAndReadBack()
    {
        var collection = await NewCollectionAsync();
        var vector = new[] { 0.1f, -2.5f, 3.25e-7f, 1e7f, 0f, -0.3f, 7f, 1f / 3f };
        await collection.AddAsync(
            [new VectorRecord("a", vector) { Document = "the text", Metadata = new() { ["n"] = 1 } }, new VectorRecord("b", Unit(1))],
            Cancel);

        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(2);
        var read = await collection.GetAsync(["b", "missing", "a"], cancellationToken: Cancel);
        read.Select(record => record.Id).ShouldBe(["b", "a"]);
        read[1].Vector.ToArray().ShouldBe(vector);
        read[1].Document.ShouldBe("the text");
        read[1].Metadata!["n"].ShouldBe((MetadataValue)1);
        read[0].Document.ShouldBeNull();
        read[0].Metadata!.ShouldBeEmpty();
    }

    [Fact]
    public async Task Add_IdThatExists_IsRefusedByNameAndWritesNothing()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([new VectorRecord("a", Unit(0)) { Document = "old" }], Cancel);

        var refused = await Should.ThrowAsync<VectorRecordExistsException>(() =>
            collection.AddAsync([new VectorRecord("b", Unit(1)), new VectorRecord("a", Unit(2)) { Document = "new" }], Cancel));

        refused.Ids.ShouldBe(["a"]);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
        (await collection.GetAsync(["a"], cancellationToken: Cancel))[0].Document.ShouldBe("old");
    }

    [Fact]
    public async Task Add_MalformedRecord_IsRefusedWithIdAndPositionAndWritesNothing()
    {
        var collection = await NewCollectionAsync(DistanceMetric.Cosine);
        (string What, VectorRecord Record)[] malformed =
        [
            ("dimension", new VectorRecord("bad", Unit(0, dimensions: 5))),
            ("no vector", new VectorRecord("bad", default(ReadOnlyMemory<float>))),
            ("NaN", new VectorRecord("bad", Unit(3, float.NaN))),
            ("infinity", new VectorRecord("bad", Unit(3, float.NegativeInfinity))),
            ("zero under cosine", new VectorRecord("bad", new float[Dimensions])),
            ("overflowing length", new VectorRecord("bad", Unit(0, 1e30f))),
            ("duplicate id", new VectorRecord("good", Unit(1))),
            ("reserved key", new VectorRecord("bad", Unit(1)) { Metadata = new() { ["chroma:document"] = "x" } }),
            ("own key", new VectorRecord("bad", Unit(1)) { Metadata = new() { ["__data.list.x"] = "x" } }),
            ("empty key", new VectorRecord("bad", Unit(1)) { Metadata = new() { [""] = "x" } }),
            ("NaN metadata", new VectorRecord("bad", Unit(1)) { Metadata = new() { ["x"] = double.NaN } }),
            ("no value", new VectorRecord("bad", Unit(1)) { Metadata = new() { ["x"] = default } }),
            ("half a surrogate pair", new VectorRecord("bad", Unit(1)) { Document = "x\uD800y" }),
        ];
        foreach (var (what, record) in malformed)
        {
            var refused = await Should.ThrowAsync<VectorInputException>(
                () => collection.AddAsync([new VectorRecord("good", Unit(0)), record], Cancel),
                what);
            refused.RecordId.ShouldBe(record.Id, what);
            refused.Position.ShouldBe(1, what);
        }

        (await Should.ThrowAsync<VectorInputException>(() => collection.UpsertAsync([new VectorRecord("", Unit(0))], Cancel))).Position
            .ShouldBe(0);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task Upsert_IdThatExists_ReplacesTheRecordAsAWhole()
    {
        var collection = await NewCollectionAsync();
        await collection.UpsertAsync(
            [new VectorRecord("a", Unit(0)) { Document = "old", Metadata = new() { ["x"] = 1, ["tags"] = new[] { "p", "q" } } }],
            Cancel);

        await collection.UpsertAsync(
            [new VectorRecord("a", Unit(1)) { Metadata = new() { ["y"] = true } }, new VectorRecord("b", Unit(2))],
            Cancel);

        var read = (await collection.GetAsync(["a"], cancellationToken: Cancel))[0];
        read.Vector.ToArray().ShouldBe(Unit(1));
        read.Document.ShouldBeNull();
        read.Metadata!.ShouldBe(new VectorMetadata { ["y"] = true });
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(2);
        (await collection.CountAsync(VectorFilter.Contains("tags", "p"), Cancel)).ShouldBe(0);

        await collection.UpsertAsync([new VectorRecord("a", Unit(1)) { Document = "again" }], Cancel);
        read = (await collection.GetAsync(["a"], cancellationToken: Cancel))[0];
        read.Document.ShouldBe("again");
        read.Metadata!.ShouldBeEmpty();
    }

    [Fact]
    public async Task Update_PartOfARecord_KeepsTheRest()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync(
            [
                new VectorRecord("a", Unit(0)) { Document = "one", Metadata = new() { ["x"] = 1, ["tags"] = new[] { "p" } } },
                new VectorRecord("b", Unit(1)) { Document = "two", Metadata = new() { ["x"] = 2 } },
            ], Cancel);

        await collection.UpdateAsync(
            [new VectorRecordUpdate("a") { Vector = Unit(4) }, new VectorRecordUpdate("b") { Metadata = new() { ["z"] = "new" } }],
            Cancel);

        var read = await collection.GetAsync(["a", "b"], cancellationToken: Cancel);
        read[0].Vector.ToArray().ShouldBe(Unit(4));
        read[0].Document.ShouldBe("one");
        read[0].Metadata!["tags"].AsStrings().ToArray().ShouldBe(["p"]);
        read[1].Vector.ToArray().ShouldBe(Unit(1));
        read[1].Metadata!.ShouldBe(new VectorMetadata { ["z"] = "new" });
        Ids(await collection.SearchAsync(new(Unit(4)) { Top = 1 }, Cancel)).ShouldBe(["a"]);

        await collection.UpdateAsync([new VectorRecordUpdate("a") { Metadata = new() }], Cancel);
        (await collection.GetAsync(["a"], cancellationToken: Cancel))[0].Metadata!.ShouldBeEmpty();
    }

    [Fact]
    public async Task Update_UnknownId_IsRefusedByNameAndWritesNothing()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([new VectorRecord("a", Unit(0)) { Document = "old" }], Cancel);

        var refused = await Should.ThrowAsync<VectorRecordNotFoundException>(() =>
            collection.UpdateAsync(
                [new VectorRecordUpdate("a") { Vector = Unit(1), Document = "new" }, new VectorRecordUpdate("nobody") { Vector = Unit(1) }],
                Cancel));

        refused.Ids.ShouldBe(["nobody"]);
        (await collection.GetAsync(["a"], cancellationToken: Cancel))[0].Document.ShouldBe("old");
    }

    [Fact]
    public async Task Delete_KnownAndUnknownIds_CountsTheKnown()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([new VectorRecord("a", Unit(0)), new VectorRecord("b", Unit(1))], Cancel);

        (await collection.DeleteAsync(["a", "nobody", "a"], Cancel)).ShouldBe(1);

        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
        Ids(await collection.SearchAsync(new(Unit(0)), Cancel)).ShouldBe(["b"]);
        (await collection.DeleteAsync(["a"], Cancel)).ShouldBe(0);
        await collection.AddAsync([new VectorRecord("a", Unit(3))], Cancel);
        Ids(await collection.SearchAsync(new(Unit(3)) { Top = 1 }, Cancel)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Delete_ByFilter_DeletesWhatMatchesOnly()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync(
            [.. Enumerable.Range(0, 20).Select(i => new VectorRecord($"r{i:00}", Unit(i % Dimensions)) { Metadata = new() { ["n"] = i } })],
            Cancel);

        (await collection.DeleteAsync(VectorFilter.Lt("n", 5) | VectorFilter.Eq("n", 19), Cancel)).ShouldBe(6);
        (await collection.DeleteAsync(!VectorFilter.Lt("n", 15), Cancel)).ShouldBe(4);

        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(10);
        (await collection.GetAsync(["r04", "r05", "r14", "r15"], false, Cancel)).Select(record => record.Id).ShouldBe(["r05", "r14"]);
    }

    [Fact]
    public async Task Add_EveryKindOfMetadata_ComesBackAsItWas()
    {
        var collection = await NewCollectionAsync();
        var metadata = new VectorMetadata
        {
            ["text"] = "Ünïcode 🎈 \"quoted\" \\ \u0001",
            ["whole"] = long.MaxValue,
            ["negative"] = -5,
            ["one"] = 1.0,
            ["fraction"] = 0.1,
            ["huge"] = 1e300,
            ["yes"] = true,
            ["no"] = false,
            ["texts"] = new[] { "a", "", "b c" },
            ["wholes"] = new[] { 1L, long.MinValue },
            ["numbers"] = new[] { 1.0, 2.5 },
            ["flags"] = new[] { true, false },
            ["none"] = Array.Empty<string>(),
            ["a.b:c/d e"] = "odd key",
        };
        await collection.AddAsync([new VectorRecord("a", Unit(0)) { Metadata = metadata }], Cancel);

        var read = (await collection.GetAsync(["a"], cancellationToken: Cancel))[0].Metadata!;

        read.Count.ShouldBe(metadata.Count);
        foreach (var (key, value) in metadata)
            read[key].ShouldBe(value, key);
    }

    [Fact]
    public async Task Write_SameIdFromManyCallers_LeavesOneOfThemWhole()
    {
        var collection = await NewCollectionAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            try
            {
                await collection.AddAsync(
                    [new VectorRecord("a", Unit(i % Dimensions, i + 1)) { Document = $"{i}", Metadata = new() { ["i"] = i } }],
                    Cancel);
                return true;
            }
            catch (VectorRecordExistsException)
            {
                return false;
            }
        })));
        outcomes.Count(added => added).ShouldBe(1);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() =>
            collection.UpsertAsync(
                [
                    new VectorRecord("a", Unit(i % Dimensions, i + 1))
                    {
                        Document = $"{i}",
                        Metadata = new() { ["i"] = i, [$"k{i}"] = true },
                    },
                ],
                Cancel))));
        var record = (await collection.GetAsync(["a"], cancellationToken: Cancel)).ShouldHaveSingleItem();
        var winner = (int)record.Metadata!["i"].AsInt64();
        record.Document.ShouldBe($"{winner}");
        record.Vector.ToArray().ShouldBe(Unit(winner % Dimensions, winner + 1));
        record.Metadata!.Count.ShouldBe(2);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task Add_MoreRecordsThanOneRequestTakes_WritesThemAll()
    {
        var collection = await NewCollectionAsync(dimensions: 2);
        const int Count = 6_000;
        await collection.AddAsync([.. Enumerable.Range(0, Count).Select(i => new VectorRecord($"r{i}", new float[] { i, 1 }))], Cancel);

        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(Count);
        (await collection.GetAsync([.. Enumerable.Range(0, Count).Select(i => $"r{i}")], false, Cancel)).Count.ShouldBe(Count);
        (await collection.DeleteAsync([.. Enumerable.Range(0, Count - 1).Select(i => $"r{i}")], Cancel)).ShouldBe(Count - 1);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
    }
}
