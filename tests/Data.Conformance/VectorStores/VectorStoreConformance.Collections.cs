using Data.Vector;

namespace Data.Conformance.VectorStores;

public abstract partial class VectorStoreConformance
{
    [Fact]
    public async Task Create_NameThatExists_IsRefused()
    {
        var collection = await NewCollectionAsync();

        await Should.ThrowAsync<VectorCollectionExistsException>(() => Store.CreateCollectionAsync(collection.Name, Shape(), Cancel));
    }

    [Fact]
    public async Task Get_Collection_HasTheOptionsItWasMadeWith()
    {
        var name = NewName();
        var options = Shape(DistanceMetric.InnerProduct) with { Hnsw = new() { M = 24, EfConstruction = 150, EfSearch = 77 } };
        await Store.CreateCollectionAsync(name, options, Cancel);

        var read = (await Store.GetCollectionAsync(name, Cancel)).Options;

        (read.Dimensions, read.Metric).ShouldBe((Dimensions, DistanceMetric.InnerProduct));
        if (KeepsGraphSettings)
            (read.Hnsw.M, read.Hnsw.EfConstruction, read.Hnsw.EfSearch).ShouldBe((24, 150, 77));

        await Should.ThrowAsync<VectorCollectionNotFoundException>(() => Store.GetCollectionAsync(NewName(), Cancel));
    }

    [Fact]
    public async Task GetOrCreate_TwiceAndDifferently_SharesOrRefuses()
    {
        var name = NewName();
        var collections = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Store.GetOrCreateCollectionAsync(name, Shape(), Cancel)));
        await collections[0].AddAsync([new VectorRecord("a", Unit(0))], Cancel);

        (await collections[7].CountAsync(cancellationToken: Cancel)).ShouldBe(1);
        await Should.ThrowAsync<VectorCollectionMismatchException>(
            () => Store.GetOrCreateCollectionAsync(name, Shape(DistanceMetric.Cosine), Cancel));
        await Should.ThrowAsync<VectorCollectionMismatchException>(
            () => Store.GetOrCreateCollectionAsync(name, Shape(dimensions: 3), Cancel));
    }

    [Fact]
    public async Task Delete_Collection_TakesItOffTheListWithItsRecords()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([new VectorRecord("a", Unit(0))], Cancel);
        (await Store.ListCollectionsAsync(Cancel)).ShouldContain(collection.Name);

        (await Store.DeleteCollectionAsync(collection.Name, Cancel)).ShouldBeTrue();

        (await Store.DeleteCollectionAsync(collection.Name, Cancel)).ShouldBeFalse();
        (await Store.ListCollectionsAsync(Cancel)).ShouldNotContain(collection.Name);
        await Should.ThrowAsync<VectorCollectionNotFoundException>(() => Store.GetCollectionAsync(collection.Name, Cancel));
        var again = await Store.CreateCollectionAsync(collection.Name, Shape(), Cancel);
        (await again.CountAsync(cancellationToken: Cancel)).ShouldBe(0);
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("-abc")]
    [InlineData("abc_")]
    [InlineData("a b c")]
    [InlineData("../x")]
    [InlineData("näme")]
    public async Task Create_MalformedName_IsRefused(string name) =>
        await Should.ThrowAsync<VectorInputException>(() => Store.CreateCollectionAsync(name, Shape(), Cancel));

    [Fact]
    public async Task Create_OptionsOutOfRange_AreRefused()
    {
        VectorCollectionOptions[] malformed =
        [
            Shape(dimensions: 0),
            Shape(dimensions: VectorCollectionOptions.MaxDimensions + 1),
            Shape((DistanceMetric)9),
            Shape() with { Hnsw = new() { M = 0 } },
            Shape() with { Hnsw = new() { M = 129 } },
            Shape() with { Hnsw = new() { EfConstruction = 3 } },
            Shape() with { Hnsw = new() { EfSearch = 0 } },
        ];
        foreach (var options in malformed)
            await Should.ThrowAsync<VectorInputException>(() => Store.CreateCollectionAsync(NewName(), options, Cancel));
    }

    [Fact]
    public async Task Validate_WorkingStore_SucceedsAndLeavesNothingBehind()
    {
        var validation = await Store.ValidateAsync(Cancel);

        validation.Reason.ShouldBeNull();
        validation.Succeeded.ShouldBeTrue();
        validation.Steps.Select(step => step.Key).ShouldBe(ProbeSteps);
        (await Store.ListCollectionsAsync(Cancel)).ShouldNotContain(
            name => name.StartsWith("data-vector-probe-", StringComparison.Ordinal));
    }
}
