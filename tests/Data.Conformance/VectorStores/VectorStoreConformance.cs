using Data.Vector;
using Microsoft.Extensions.AI;

namespace Data.Conformance.VectorStores;

/// <summary>What every vector store must do, the same for all of them; a derived class says how to make one.</summary>
public abstract partial class VectorStoreConformance : IAsyncLifetime
{
    protected const int Dimensions = 8;

    private readonly List<string> _made = [];

    protected IVectorStore Store { get; private set; } = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The index that collections in process use; servers ignore it.</summary>
    protected virtual VectorIndexKind Index => VectorIndexKind.Hnsw;

    /// <summary>
    /// Whether a search may throw <see cref="VectorFilterNotSupportedException"/>; counting and streaming by the filter must work all the
    /// same.
    /// </summary>
    protected virtual bool MayRefuseFilters => false;

    /// <summary>Whether a collection tells the settings of the graph that it was made with.</summary>
    protected virtual bool KeepsGraphSettings => true;

    /// <summary>The steps of the store's own check.</summary>
    protected virtual string[] ProbeSteps => ["connect", "create", "write", "search", "read", "delete"];

    private protected WordEmbedder Embedder { get; } = new();

    public async ValueTask InitializeAsync() => Store = await OpenAsync(Embedder);

    public async ValueTask DisposeAsync()
    {
        if (Store is null)
            return;

        foreach (var name in _made)
            await Store.DeleteCollectionAsync(name, CancellationToken.None);

        await CloseAsync(Store);
        GC.SuppressFinalize(this);
    }

    protected abstract Task<IVectorStore> OpenAsync(IEmbeddingGenerator<string, Embedding<float>>? embedder);

    protected virtual ValueTask CloseAsync(IVectorStore store) =>
        store is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask;

    protected string NewName()
    {
        var name = $"c-{Guid.NewGuid():N}";
        _made.Add(name);
        return name;
    }

    protected Task<IVectorCollection> NewCollectionAsync(DistanceMetric metric = DistanceMetric.L2, int dimensions = Dimensions) =>
        Store.CreateCollectionAsync(NewName(), Shape(metric, dimensions), Cancel);

    protected VectorCollectionOptions Shape(DistanceMetric metric = DistanceMetric.L2, int dimensions = Dimensions) =>
        new() { Dimensions = dimensions, Metric = metric, Index = Index };

    protected static float[] Unit(int axis, float length = 1, int dimensions = Dimensions)
    {
        var vector = new float[dimensions];
        vector[axis] = length;
        return vector;
    }

    protected static float[] RandomVector(Random random, int dimensions = Dimensions) =>
        [.. Enumerable.Range(0, dimensions).Select(_ => (float)((random.NextDouble() * 2) - 1))];

    /// <summary>What a search finds; null when the store says that it cannot search by the filter, where it may.</summary>
    protected async Task<string[]?> SearchOrRefusalAsync(IVectorCollection collection, VectorSearchRequest request)
    {
        try
        {
            return Ids(await collection.SearchAsync(request, Cancel));
        }
        catch (VectorFilterNotSupportedException) when (MayRefuseFilters)
        {
            return null;
        }
    }

    /// <summary>Checks that a store without hybrid search says so, by its name, before it embeds a text.</summary>
    protected async Task ShouldRefuseHybridSearchAsync(string store)
    {
        var collection = await NewCollectionAsync();
        collection.SupportsHybridSearch.ShouldBeFalse();
        var refusal = await Should.ThrowAsync<HybridSearchNotSupportedException>(
            () => collection.HybridSearchAsync(new("words"), Cancel));

        refusal.Message.ShouldContain(store);
        refusal.Message.ShouldContain("SearchAsync");
        Embedder.Calls.ShouldBe(0);
    }

    protected static string[] Ids(IEnumerable<VectorMatch> matches) => [.. matches.Select(match => match.Id)];
}
