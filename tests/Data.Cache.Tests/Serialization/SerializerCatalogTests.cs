using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Cache.Tests.Serialization;

public sealed partial class SerializerCatalogTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_OptionsUnderTheFrameworksKeys_AreUsedForTheTypeThenForAllTypes()
    {
        var services = new ServiceCollection();
        var all = new JsonSerializerOptions { Converters = { new Doubling() } };
        services.AddKeyedSingleton<JsonSerializerOptions>(typeof(IHybridCacheSerializer<>), all);
        var special = new JsonSerializerOptions { IncludeFields = true };
        services.AddKeyedSingleton<JsonSerializerOptions>(typeof(IHybridCacheSerializer<Special>), special);
        services.AddDataCache();
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<DataCache>();

        (await cache.GetOrCreateAsync("all", _ => ValueTask.FromResult(new General { Number = 4 }), cancellationToken: Cancellation))
            .Number.ShouldBe(8);
        (await cache.GetOrCreateAsync("own", _ => ValueTask.FromResult(new Special { Number = 4 }), cancellationToken: Cancellation))
            .Number.ShouldBe(4);
    }

    [Fact]
    public async Task Get_SourceGeneratedContext_KeepsItsOwnSettings()
    {
        var services = new ServiceCollection();
        services.AddDataCache().AddJson(WithFields.Default);
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<DataCache>();

        var value = await cache.GetOrCreateAsync(
            "k",
            _ => ValueTask.FromResult(new Special { Number = 4 }),
            cancellationToken: Cancellation);
        value.Number.ShouldBe(4);
        (await cache.TryGetAsync<Special>("k", Cancellation)).Found.ShouldBeTrue();
    }

    [Fact]
    public async Task Get_ContextThatWouldEmptyTheValue_CachesNothing()
    {
        var services = new ServiceCollection();
        services.AddDataCache().AddJson(WithoutFields.Default);
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<DataCache>();

        var value = await cache.GetOrCreateAsync(
            "k",
            _ => ValueTask.FromResult(new Special { Number = 4 }),
            cancellationToken: Cancellation);
        value.Number.ShouldBe(4);
        (await cache.TryGetAsync<Special>("k", Cancellation)).Found.ShouldBeFalse();
        var list = await cache.GetOrCreateAsync(
            "l",
            _ => ValueTask.FromResult(new List<Special> { new() { Number = 5 } }),
            cancellationToken: Cancellation);
        list.Single().Number.ShouldBe(5);
    }

    [Fact]
    public async Task TryGetAsync_SerializerThatFailsLater_IsAMiss()
    {
        var serializer = new Failing();
        var services = new ServiceCollection();
        services.AddSingleton<IHybridCacheSerializer<General>>(serializer);
        services.AddDataCache();
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<DataCache>();
        await cache.SetAsync("k", new General { Number = 1 }, cancellationToken: Cancellation);
        (await cache.TryGetAsync<General>("k", Cancellation)).Found.ShouldBeTrue();

        serializer.Fails = true;
        (await cache.TryGetAsync<General>("k", Cancellation)).Found.ShouldBeFalse();
        (await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(new General { Number = 2 }), cancellationToken: Cancellation))
            .Number.ShouldBe(2);
    }

    public sealed class General
    {
        public int Number { get; set; }
    }

#pragma warning disable CA1051 // What this type is for.
    public sealed class Special
    {
        public int Number;
    }
#pragma warning restore CA1051

    private sealed class Doubling : JsonConverter<int>
    {
        public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetInt32() * 2;

        public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }

    private sealed class Failing : IHybridCacheSerializer<General>
    {
        public bool Fails { get; set; }

        public General Deserialize(System.Buffers.ReadOnlySequence<byte> source) =>
            Fails ? throw new FormatException("unreadable") : new General { Number = source.FirstSpan[0] };

        public void Serialize(General value, System.Buffers.IBufferWriter<byte> target)
        {
            target.GetSpan(1)[0] = (byte)value.Number;
            target.Advance(1);
        }
    }

    [JsonSourceGenerationOptions(IncludeFields = true)]
    [JsonSerializable(typeof(Special))]
    private sealed partial class WithFields : JsonSerializerContext;

    [JsonSerializable(typeof(Special))]
    [JsonSerializable(typeof(List<Special>))]
    private sealed partial class WithoutFields : JsonSerializerContext;
}
