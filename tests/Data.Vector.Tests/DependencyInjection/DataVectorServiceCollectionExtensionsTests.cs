using System.Data.Common;
using Data.Vector.Tests.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Data.Vector.Tests.DependencyInjection;

public sealed class DataVectorServiceCollectionExtensionsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddDataVector_WithoutSettings_WorksInMemory()
    {
        await using var services = new ServiceCollection().AddDataVector().Services.BuildServiceProvider();

        services.GetRequiredService<IVectorStore>().ShouldBeOfType<EmbeddedVectorStore>();
        var health = await services.GetRequiredService<VectorStoreHealthCheck>().CheckHealthAsync(new HealthCheckContext(), Cancel);
        health.Status.ShouldBe(HealthStatus.Healthy);
        health.Data.Keys.ShouldContain("search_ms");
    }

    [Fact]
    public void AddDataVector_Section_BindsIt()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Vector:Provider"] = "Chroma",
            ["Vector:Chroma:Endpoint"] = "http://chroma.example:1234",
            ["Vector:Chroma:RequestTimeout"] = "00:00:05",
        }).Build();
        using var services = new ServiceCollection().AddDataVector(configuration.GetSection("Vector")).Services.BuildServiceProvider();

        services.GetRequiredService<IVectorStore>().ShouldBeOfType<ChromaVectorStore>();
        services.GetRequiredService<IOptions<DataVectorOptions>>().Value.Chroma.RequestTimeout.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void AddDataVector_SettingsOutOfRange_AreNamedAtStart()
    {
        using var services = new ServiceCollection()
            .AddDataVector(options =>
            {
                options.Provider = VectorStoreProvider.Chroma;
                options.Chroma.MaxRetryAttempts = 99;
                options.Chroma.Endpoint = new Uri("ftp://x");
            })
            .Services.BuildServiceProvider();

        var refused = Should.Throw<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());
        refused.Message.ShouldContain("MaxRetryAttempts");
        refused.Message.ShouldContain("Endpoint");
    }

    [Fact]
    public async Task AddKeyedDataVector_TwoKeys_AreTwoStores()
    {
        await using var services = new ServiceCollection()
            .AddKeyedDataVector("a", _ => { }).Services
            .AddKeyedDataVector("b", options => options.Provider = VectorStoreProvider.Chroma)
            .Services.BuildServiceProvider();

        services.GetRequiredKeyedService<IVectorStore>("a").ShouldBeOfType<EmbeddedVectorStore>();
        services.GetRequiredKeyedService<IVectorStore>("b").ShouldBeOfType<ChromaVectorStore>();
    }

    [Theory]
    [InlineData("own", 1f)]
    [InlineData("without", 2f)]
    public async Task AddKeyedDataVector_GeneratorOfItsKey_IsPreferredToTheUnkeyedOne(string key, float expected)
    {
        await using var services = new ServiceCollection()
            .AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>("own", new ConstantGenerator(1))
            .AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new ConstantGenerator(2))
            .AddKeyedDataVector(key, _ => { })
            .Services.BuildServiceProvider();
        var store = services.GetRequiredKeyedService<IVectorStore>(key);
        var cancel = TestContext.Current.CancellationToken;
        var collection = await store.CreateCollectionAsync("things", new() { Dimensions = 1, Metric = DistanceMetric.L2 }, cancel);

        await collection.AddAsync([new VectorRecord("a", "text")], cancel);

        (await collection.GetAsync(["a"], true, cancel))[0].Vector.ToArray().ShouldBe([expected]);
    }

    [Fact]
    public async Task AddKeyedDataVector_Section_BindsItAndRegistersTheHealthCheck()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Vector:Embedded:MaxDegreeOfParallelism", "1")])
            .Build();
        var builder = new ServiceCollection().AddKeyedDataVector(7, configuration.GetSection("Vector"));
        await using var services = builder.Services.BuildServiceProvider();

        builder.Key.ShouldBe(7);
        services.GetRequiredService<IOptionsMonitor<DataVectorOptions>>().Get("7").Embedded.MaxDegreeOfParallelism.ShouldBe(1);
        var health = services.GetRequiredKeyedService<VectorStoreHealthCheck>(7);
        (await health.CheckHealthAsync(new HealthCheckContext(), Cancel)).Status.ShouldBe(HealthStatus.Healthy);
        services.GetService<VectorStoreHealthCheck>().ShouldBeNull();
        services.GetService<IVectorStore>().ShouldBeNull();
    }

    [Fact]
    public async Task HealthCheck_StoreThatIsAway_IsReportedWithoutAddress()
    {
        await using var services = new ServiceCollection()
            .AddDataVector(options =>
            {
                options.Provider = VectorStoreProvider.Chroma;
                options.Chroma.Endpoint = new Uri("http://127.0.0.1:1");
                options.Chroma.MaxRetryAttempts = 0;
            })
            .Services.BuildServiceProvider();

        var health = await services.GetRequiredService<VectorStoreHealthCheck>().CheckHealthAsync(new HealthCheckContext(), Cancel);

        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Description.ShouldNotBeNull().ShouldContain("connect");
        health.Description.ShouldNotContain("127.0.0.1");
    }

    [Fact]
    public async Task Start_StoreThatIsAway_IsLoggedAndStopsNothing()
    {
        using var logs = new ListLoggers();
        await using var services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(logs)
            .AddKeyedDataVector("away", options =>
            {
                options.Provider = VectorStoreProvider.Chroma;
                options.Chroma.Endpoint = new Uri("http://127.0.0.1:1");
                options.Chroma.MaxRetryAttempts = 0;
            }).Services
            .AddDataVector().Services
            .AddDataVector().Services
            .AddKeyedDataVector("unasked", options => options.ProbeOnStart = false)
            .Services.BuildServiceProvider();
        var startups = services.GetServices<IHostedService>().Cast<BackgroundService>().ToList();
        startups.Count.ShouldBe(3);
        foreach (var startup in startups)
            await startup.StartAsync(Cancel);

        await Task.WhenAll(startups.Select(startup => startup.ExecuteTask ?? Task.CompletedTask))
            .WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        logs.Lines.Where(line => line.Id == 3009).ShouldHaveSingleItem().Text.ShouldContain("connect");
        logs.Lines.Count(line => line.Id == 3010).ShouldBe(1);
        (await services.GetRequiredService<IVectorStore>().ListCollectionsAsync(Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public void AddDataVector_PineconeWithoutKey_IsRefusedAtStart()
    {
        using var services = new ServiceCollection().AddDataVector(options => options.Provider = VectorStoreProvider.Pinecone)
            .Services.BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate()).Message
            .ShouldContain("ApiKey");
    }

    [Fact]
    public void AddDataVector_PgVector_TakesTheDataSourceOfItsKeyOrTheUnkeyedOne()
    {
        using var source = Npgsql.NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        static void Use(DataVectorOptions options) => options.Provider = VectorStoreProvider.PgVector;
        using var services = new ServiceCollection()
            .AddSingleton<DbDataSource>(source)
            .AddDataVector(Use).Services
            .AddKeyedDataVector("other", Use).Services
            // For stores with a TenantSetting: these have none.
            .AddSingleton<IVectorTenant>(new NoTenant())
            .BuildServiceProvider();
        using var without = new ServiceCollection().AddDataVector(Use).Services.BuildServiceProvider();

        services.GetRequiredService<IVectorStore>().ShouldBeOfType<PgVectorStore>();
        services.GetRequiredKeyedService<IVectorStore>("other").ShouldBeOfType<PgVectorStore>();
        Should.Throw<InvalidOperationException>(() => without.GetRequiredService<IVectorStore>()).Message
            .ShouldContain("AddNpgsqlDataSource");
    }

    [Fact]
    public void AddDataVector_PgVectorOutOfRange_IsNamedAtStart()
    {
        using var services = new ServiceCollection()
            .AddDataVector(options =>
            {
                options.Provider = VectorStoreProvider.PgVector;
                options.PgVector.Partitions = -1;
            })
            .Services.BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate()).Message
            .ShouldContain("PgVector: Partitions");
    }

    [Fact]
    public void AddKeyedDataVector_AnotherKeyWithTheSameText_IsRefusedByName()
    {
        var services = new ServiceCollection();
        services.AddKeyedDataVector(1, _ => { });
        services.AddKeyedDataVector(1, _ => { });
        Should.Throw<ArgumentException>(() => services.AddKeyedDataVector("1", _ => { })).Message.ShouldContain("'1'");
    }

    private sealed class NoTenant : IVectorTenant
    {
        public string? Current => null;
    }

    private sealed class ConstantGenerator(float value) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(
                values.Select(_ => new Embedding<float>(new[] { value }))));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
