using System.Text.Json;
using Data.Benchmarks.Runner;
using Data.TestServers;
using Data.Vector;
using Npgsql;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Vector;

/// <summary>Measures the store in PostgreSQL against the same SQL by hand over Npgsql: searches, filtered searches and upserts.</summary>
internal sealed class PgVectorBenchmark : IBenchmark
{
    private const int Dimensions = 128, Calls = 100, Top = 10, Batch = 50;

    private const string Settings = "SELECT set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', $2, true)";
    private const string Columns = "SELECT id, metadata::text, document, embedding <=> $1::real[]::vector FROM data_vector.things";
    private const string Nearest = Columns + " ORDER BY embedding <=> $1::real[]::vector LIMIT $2";
    private const string NearestOfKind = Columns + " WHERE metadata @> $3::jsonb ORDER BY embedding <=> $1::real[]::vector LIMIT $2";
    private const string Upsert = """
        INSERT INTO data_vector.things (id, embedding, document, metadata)
        SELECT r.id, ($1::real[])[(r.place::integer - 1) * 128 + 1 : r.place::integer * 128]::vector, r.document, r.metadata::jsonb
        FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS r (id, document, metadata, place)
        ON CONFLICT (id) DO UPDATE SET embedding = EXCLUDED.embedding, document = EXCLUDED.document, metadata = EXCLUDED.metadata
        """;

    public string Area => "vector";

    public string Name => "pgvector";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var count = run.Quick ? 1_000 : 5_000;
        var rounds = run.Quick ? 5 : 15;
        var data = new VectorData("lat", Dimensions, 42);
        var rows = data.Base(count);
        var queries = data.Queries(Calls);
        await using var server = await PgVectorServer.StartAsync(run.Cancellation);
        var store = new PgVectorStore(server.DataSource, new() { RequestTimeout = TimeSpan.FromMinutes(5) });
        var things = await store.CreateCollectionAsync("things", new() { Dimensions = Dimensions }, run.Cancellation);
        await things.AddAsync([.. Enumerable.Range(0, count).Select(i => Record(rows, i))], run.Cancellation);

        foreach (var filtered in (bool[])[false, true])
        {
            var what = filtered ? "filtered search" : "search";
            var (measure, baseline) = PairedRounds.Of(
                Calls,
                call => SearchAsync(things, Query(call), filtered, run.Cancellation),
                call => SearchByHandAsync(server.DataSource, Query(call), filtered, run.Cancellation));
            await run.CompareAsync($"pgvector {what} over SQL by hand", "ns", limit: 1.1, Direction.Max, measure, baseline, rounds);
        }

        var (write, writeByHand) = PairedRounds.Of(
            Calls / 10,
            call => things.UpsertAsync(Records(call), run.Cancellation),
            call => UpsertByHandAsync(server.DataSource, Records(call), run.Cancellation));
        await run.CompareAsync(
            $"pgvector upsert of {Batch} over SQL by hand", "ns", limit: 1.1, Direction.Max, write, writeByHand, run.Quick ? 3 : 7);
        run.Note($"lat, {count:N0} × {Dimensions}, cosine, EfSearch 100, top {Top}; pgvector compiled to WebAssembly, on one connection");

        ReadOnlyMemory<float> Query(int call) => queries.AsMemory(call * Dimensions, Dimensions);

        VectorRecord[] Records(int call) => [.. Enumerable.Range(call * Batch % count, Batch).Select(i => Record(rows, i % count))];
    }

    private static VectorRecord Record(float[] rows, int i) => new($"r{i}", rows.AsMemory(i * Dimensions, Dimensions))
    {
        Document = $"The text of record {i}.",
        Metadata = new() { ["kind"] = i % 2, ["name"] = $"n{i}" },
    };

    private static async Task SearchAsync(
        IVectorCollection things, ReadOnlyMemory<float> query, bool filtered, CancellationToken cancellation)
    {
        var request = new VectorSearchRequest(query) { Top = Top, Filter = filtered ? VectorFilter.Eq("kind", 1) : null };
        Expect((await things.SearchAsync(request, cancellation)).Count);
    }

    private static async Task SearchByHandAsync(
        NpgsqlDataSource source, ReadOnlyMemory<float> query, bool filtered, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(Settings, "100", "relaxed_order"));
        batch.BatchCommands.Add(filtered
            ? Command(NearestOfKind, query.ToArray(), Top, """{"kind":1}""")
            : Command(Nearest, query.ToArray(), Top));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        var found = new List<(string Id, JsonDocument Metadata, string Document, double Distance)>();
        while (await reader.ReadAsync(cancellation))
            found.Add((reader.GetString(0), JsonDocument.Parse(reader.GetString(1)), reader.GetString(2), reader.GetDouble(3)));

        found.ForEach(static match => match.Metadata.Dispose());
        Expect(found.Count);
    }

    private static async Task UpsertByHandAsync(NpgsqlDataSource source, VectorRecord[] records, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(
            Upsert,
            records.SelectMany(static record => record.Vector.ToArray()).ToArray(),
            Array.ConvertAll(records, static record => record.Id),
            Array.ConvertAll(records, static record => record.Document!),
            Array.ConvertAll(records, static record => JsonSerializer.Serialize(
                new { kind = record.Metadata!["kind"].AsInt64(), name = record.Metadata!["name"].AsString() }))));
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlBatchCommand Command(string text, params object[] values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });

        return command;
    }

    private static void Expect(int found)
    {
        if (found != Top)
            throw new InvalidOperationException($"{found} matches instead of {Top}.");
    }
}
