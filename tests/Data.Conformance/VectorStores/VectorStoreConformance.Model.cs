using Data.Vector;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Conformance.VectorStores;

public abstract partial class VectorStoreConformance
{
    private const int ModelCases = 12, ModelIds = 10;

    /// <summary>What a step of a random history does, to which ids, and with which content.</summary>
    private enum Verb
    {
        Add,
        Upsert,
        Update,
        DeleteIds,
        DeleteMatching,
        Search,
        Count,
    }

    [Fact]
    public void History_OfRandomCalls_AgreesWithADictionary()
    {
        var cases = ModelCases * (int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), out var scale) ? scale : 1);
        Prop.ForAll(Histories, history => RunAsync(history).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(20_261_121, 1));
    }

    [Fact]
    public async Task HealthCheck_WorkingStore_IsHealthyAndTellsHowLongEachStepTook()
    {
        var health = await new VectorStoreHealthCheck(Store).CheckHealthAsync(new HealthCheckContext(), Cancel);

        health.Status.ShouldBe(HealthStatus.Healthy, health.Exception?.ToString());
        health.Data.Keys.ShouldBe(ProbeSteps.Select(static step => step + "_ms"));
    }

    private static Arbitrary<Step[]> Histories
    {
        get
        {
            var step =
                from verb in Gen.Choose(0, (int)Verb.Count)
                from ids in Gen.Choose(0, ModelIds - 1).NonEmptyListOf()
                from seed in Gen.Choose(0, 10_000)
                select new Step((Verb)verb, [.. ids.Distinct().Take(6).Select(i => $"id-{i}")], seed);
            return Arb.From(
                step.ArrayOf(),
                static steps => Enumerable.Range(0, steps.Length).Select(left => steps.Where((_, i) => i != left).ToArray()));
        }
    }

    private static VectorRecord ModelRecord(string id, int seed)
    {
        var random = new Random(seed ^ id[^1]);
        return new VectorRecord(id, RandomVector(random))
        {
            Document = random.Next(3) == 0 ? null : $"text {seed}",
            Metadata = random.Next(4) == 0 ? [] : new() { ["n"] = random.Next(4), ["tags"] = new[] { $"t{random.Next(3)}" } },
        };
    }

    private async Task RunAsync(Step[] history)
    {
        var collection = await NewCollectionAsync();
        var model = new SortedDictionary<string, VectorRecord>(StringComparer.Ordinal);
        foreach (var step in history)
            await ApplyAsync(collection, model, step);

        var held = await collection.StreamAsync(cancellationToken: Cancel)
            .ToDictionaryAsync(record => record.Id, cancellationToken: Cancel);
        held.Keys.Order(StringComparer.Ordinal).ShouldBe(model.Keys);
        foreach (var (id, expected) in model)
        {
            held[id].Vector.ToArray().ShouldBe(expected.Vector.ToArray(), id);
            held[id].Document.ShouldBe(expected.Document, id);
            held[id].Metadata!.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .ShouldBe(expected.Metadata!.OrderBy(entry => entry.Key, StringComparer.Ordinal), id);
        }
    }

    private async Task ApplyAsync(IVectorCollection collection, SortedDictionary<string, VectorRecord> model, Step step)
    {
        VectorRecord[] records = [.. step.Ids.Select(id => ModelRecord(id, step.Seed))];
        var filter = VectorFilter.Eq("n", step.Seed % 4) | VectorFilter.Contains("tags", $"t{step.Seed % 3}");
        string[] matching = [.. model.Values.Where(record => filter.Matches(record.Metadata!, record.Document))
            .Select(record => record.Id)];
        switch (step.Verb)
        {
            case Verb.Add when step.Ids.Any(model.ContainsKey):
                (await Should.ThrowAsync<VectorRecordExistsException>(() => collection.AddAsync(records, Cancel))).Ids
                    .ShouldBe(step.Ids.Where(model.ContainsKey));
                break;
            case Verb.Add:
                await collection.AddAsync(records, Cancel);
                Put(records);
                break;
            case Verb.Upsert:
                await collection.UpsertAsync(records, Cancel);
                Put(records);
                break;
            case Verb.Update when !step.Ids.All(model.ContainsKey):
                (await Should.ThrowAsync<VectorRecordNotFoundException>(() => collection.UpdateAsync([.. records.Select(Change)], Cancel)))
                    .Ids
                    .ShouldBe(step.Ids.Where(id => !model.ContainsKey(id)));
                break;
            case Verb.Update:
                await collection.UpdateAsync([.. records.Select(Change)], Cancel);
                Put([.. records.Select(record => new VectorRecord(record.Id, record.Vector) {
                    Document = record.Document ?? model[record.Id].Document,
                    Metadata = model[record.Id].Metadata })]);
                break;
            case Verb.DeleteIds:
                (await collection.DeleteAsync(step.Ids, Cancel)).ShouldBe(step.Ids.Count(model.Remove));
                break;
            case Verb.DeleteMatching:
                (await collection.DeleteAsync(filter, Cancel)).ShouldBe(matching.Count(model.Remove));
                break;
            case Verb.Search:
                var query = ModelRecord("query", step.Seed).Vector.ToArray();
                Ids(await collection.SearchAsync(new(query) { Top = 4, EfSearch = 100 }, Cancel)).ShouldBe(
                    Nearest(model.Values, query, DistanceMetric.L2, 4).Select(pair => pair.Id));
                Ids(await collection.SearchAsync(new(query) { Top = 4, EfSearch = 100, Filter = filter }, Cancel))
                    .ShouldBe(Nearest(matching.Select(id => model[id]), query, DistanceMetric.L2, 4).Select(pair => pair.Id));
                break;
            default:
                (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(model.Count);
                (await collection.CountAsync(filter, Cancel)).ShouldBe(matching.Length);
                break;
        }

        static VectorRecordUpdate Change(VectorRecord record) => new(record.Id) { Vector = record.Vector, Document = record.Document };

        void Put(VectorRecord[] written) => Array.ForEach(written, record => model[record.Id] = record);
    }

    private sealed record Step(Verb Verb, string[] Ids, int Seed)
    {
        public override string ToString() => $"{Verb} {string.Join(',', Ids)} #{Seed}";
    }
}
