using Data.TestServers;
using Data.Vector.PgVector;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Vector.Tests.PgVector;

/// <summary>A schema of its own in the shared server, for one test.</summary>
internal sealed class PgVectorBench(PgVectorServer server)
{
    public PgVectorStoreOptions Options { get; } = new()
    {
        Schema = $"t_{Guid.NewGuid():N}",

        // The tests take turns on one connection.
        RequestTimeout = TimeSpan.FromMinutes(5),
    };

    public PgVectorServer Server => server;

    public PgVectorStore Store => new(server.DataSource, Options);

    public PgDatabase Database => new(server.DataSource, Options, tenant: null, TimeProvider.System, NullLogger.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<PgVectorBench> OpenAsync() => new(await SharedServers.PgVectorAsync());

    public static float[] Random(Random random, int dimensions) =>
        [.. Enumerable.Range(0, dimensions).Select(_ => (float)((random.NextDouble() * 2) - 1))];

    /// <summary>Fills a collection with random vectors; <c>n</c> is the record's number and <c>tenth</c> its last digit.</summary>
    public async Task<IVectorCollection> FillAsync(VectorCollectionOptions shape, int count)
    {
        var collection = await Store.CreateCollectionAsync("things", shape, Cancel);
        var random = new Random(5);
        await collection.AddAsync(
            [
                .. Enumerable.Range(0, count).Select(i => new VectorRecord($"r{i:00000}", Random(random, shape.Dimensions))
                {
                    Metadata = new() { ["n"] = i, ["tenth"] = $"t{i % 10}" },
                }),
            ],
            Cancel);
        await ExecuteAsync($"ANALYZE {Table("things")}");
        return collection;
    }

    public string Table(string name) => $"{PgName.Quoted(Options.Schema)}.{PgName.Quoted(name)}";

    public async Task<PgTable> FindAsync(string name) =>
        (await new PgCatalogue(Database, Options).FindAsync(name, Cancel)).ShouldNotBeNull();

    public Task ExecuteAsync(string sql) => QueryAsync(new PgStatement { Text = sql });

    /// <summary>The first column of a query's rows as text.</summary>
    public Task<List<string?>> QueryAsync(PgStatement statement) => Database.RunAsync(
        collection: null,
        repeatable: false,
        session => session.QueryAsync(statement, static row => row.IsDBNull(0) ? null : Convert.ToString(row.GetValue(0), null)),
        Cancel);

    /// <summary>The plan of a statement, with its parameters and settings.</summary>
    public async Task<string> ExplainAsync(PgStatement statement)
    {
        statement.Text = "EXPLAIN " + statement.Text;
        return string.Join('\n', await QueryAsync(statement));
    }
}
