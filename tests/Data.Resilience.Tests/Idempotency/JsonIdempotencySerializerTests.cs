using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Data.Resilience.Idempotency;
using Data.Resilience.Sessions;
using Microsoft.Extensions.DependencyInjection;
using static Data.Resilience.Tests.Idempotency.IdempotentBank;

namespace Data.Resilience.Tests.Idempotency;

/// <summary>Which results come back, and that the others are refused before anything is committed.</summary>
public sealed partial class JsonIdempotencySerializerTests
{
    private static readonly Dictionary<string, Func<IIdempotencySerializer, object?>> Faithful = new(StringComparer.Ordinal)
    {
        ["tuple"] = static s => ComesBack(s, (Id: 42L, Total: 19.90m)),
        ["nested tuple"] = static s => ComesBack(s, (1, (2, "three"), (int?)null)),
        ["fields"] = static s => ComesBack(s, new Fields { X = 5 }, static value => value.X),
        ["record"] = static s => ComesBack(s, new Receipt(7, "x", [1, 2]), static value => (value.Left, value.For, value.Parts.Length)),
        ["computed property"] = static s => ComesBack(s, new Line { Price = 2, Count = 3 }, static value => value.Total),
        ["named derived type"] = static s => ComesBack<Animal>(s, new Dog { Name = "a", Tricks = 3 }, static value => ((Dog)value).Tricks),
        ["list of named derived types"] = static s =>
            ComesBack<List<Animal>>(s, [new Dog { Tricks = 3 }, new Animal()], static value => (((Dog)value[0]).Tricks, value.Count)),
        ["lazy sequence"] = static s => ComesBack(s, Enumerable.Range(0, 3).Select(static n => n), static value => value.Sum()),
        ["dictionary of a concurrent kind"] = static s => ComesBack(
            s,
            new ConcurrentDictionary<string, int>(Enumerable.Range(0, 500).Select(static n => KeyValuePair.Create("k" + n, n))),
            static value => value["k499"]),
        ["anonymous type"] = static s => ComesBack(s, new { A = 1, B = "b" }),
        ["null"] = static s => ComesBack<Receipt?>(s, null),
        ["null object"] = static s => ComesBack<object?>(s, null),
        ["time"] = static s => ComesBack(s, new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc)),
        ["no result"] = static s => ComesBack(s, true),
        ["empty record"] = static s => ComesBack(s, new Nothing()),
    };

    private static readonly Dictionary<string, Action<IIdempotencySerializer>> Unfaithful = new(StringComparer.Ordinal)
    {
        ["get-only property"] = static s => Store(s, new GetOnly()),
        ["nested get-only property"] = static s => Store(s, new List<GetOnly> { new() }),
        ["derived type"] = static s => Store<Plain>(s, new Derived { A = 1, B = 2 }),
        ["derived type in a list"] = static s => Store<List<Plain>>(s, [new Plain(), new Derived()]),
        ["derived type in a member"] = static s => Store(s, new Box<Plain>(new Derived())),
        ["unnamed derived type"] = static s => Store<Animal>(s, new Puppy()),
        ["interface"] = static s => Store<IThing>(s, new Thing { A = 1 }),
        ["interface in a member"] = static s => Store(s, new Box<IThing>(new Thing())),
        ["private constructor"] = static s => Store(s, Hidden.Make()),
        ["object"] = static s => Store<object>(s, new Thing { A = 1 }),
        ["number as object"] = static s => Store(s, new Dictionary<string, object> { ["a"] = 1 }),
        ["private state"] = static s => Store(s, new Sealed(5)),
        ["converter that loses"] = static s => Store(s, new Lossy { Value = 5 }),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> FaithfulNames() => [.. Faithful.Keys];

    public static TheoryData<string> UnfaithfulNames() => [.. Unfaithful.Keys];

    [Theory]
    [MemberData(nameof(FaithfulNames))]
    public void Verify_ResultThatComesBack_Passes(string name) => Faithful[name](new JsonIdempotencySerializer());

    [Theory]
    [MemberData(nameof(UnfaithfulNames))]
    public void Verify_ResultThatDoesNotComeBack_IsRefused(string name) =>
        Should.Throw<NotSupportedException>(() => Unfaithful[name](new JsonIdempotencySerializer()));

    [Fact]
    public void Serialize_SourceGeneratedContext_IsUsedAndRefusesTheSame()
    {
        var serializer = new JsonIdempotencySerializer(Generated.Default.Options);

        serializer.Serialize(new Fields { X = 5 }).ShouldBe("""{"x":5}"""u8.ToArray());
        ComesBack(serializer, new Fields { X = 5 }, static value => value.X);
        ComesBack(serializer, (1, "two"));
        Should.Throw<NotSupportedException>(() => Store<Plain>(serializer, new Derived { A = 1, B = 2 })).Message.ShouldContain("Derived");
        Should.Throw<NotSupportedException>(() => Store(serializer, new Thing())).Message.ShouldContain("Thing");
    }

    [Fact]
    public void Serialize_OptionsOfTheApplication_AreHonoredAndNotChanged()
    {
        var options = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
        options.Converters.Add(new AnyObject());
        var serializer = new JsonIdempotencySerializer(options);

        serializer.Serialize(new Line { Price = 2, Count = 3 }).ShouldBe("""{"price":2,"count":3,"total":6}"""u8.ToArray());
        ComesBack<object>(serializer, "any");
        options.IncludeFields.ShouldBeFalse();
        options.Converters.Count.ShouldBe(1);
    }

    [Fact]
    public async Task WriteAsync_TupleAndItsRepeat_AreEqual()
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        for (var call = 0; call < 2; call++)
            (await bank.Sessions.WriteAsync(async (s, t) => (Left: await TakeOneAsync(s, t), "a"), options, Token)).ShouldBe((99L, "a"));
    }

    [Fact]
    public async Task WriteAsync_ResultThatDoesNotComeBack_IsRolledBackAndNamesTheTypeAndTheRemedy()
    {
        await using var bank = await CreateAsync();
        var runs = 0;
        for (var call = 1; call <= 2; call++)
        {
            var error = await Should.ThrowAsync<InvalidOperationException>(bank.Sessions.WriteAsync(
                async (session, token) =>
                {
                    runs++;
                    await TakeOneAsync(session, token);
                    return new GetOnly();
                },
                new DbSessionOptions { IdempotencyKey = "order 1" },
                Token).AsTask());
            runs.ShouldBe(call);
            error.Message.ShouldContain(nameof(GetOnly));
            error.Message.ShouldContain("Nothing was committed");
            error.Message.ShouldContain("IIdempotencySerializer");
        }

        (await bank.BalanceAsync(1)).ShouldBe(100);
        (await KeyCountAsync(bank)).ShouldBe(0);
    }

    [Fact]
    public async Task WriteAsync_SerializerOfTheApplicationCannotRead_IsRolledBack()
    {
        await using var bank = await CreateAsync(build: builder => builder.Services.AddSingleton<IIdempotencySerializer, WriteOnly>());
        var error = await Should.ThrowAsync<InvalidOperationException>(
            bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = "order 1" }, Token).AsTask());

        error.InnerException.ShouldBeOfType<InvalidTimeZoneException>();
        (await bank.BalanceAsync(1)).ShouldBe(100);
    }

    private static object? ComesBack<T>(IIdempotencySerializer serializer, T value, Func<T, object>? part = null)
    {
        var stored = serializer.Serialize(value);
        serializer.Verify<T>(stored);
        var again = serializer.Deserialize<T>(stored);
        (part is null ? again : part(again)).ShouldBe(part is null ? value : part(value));
        return again;
    }

    private static void Store<T>(IIdempotencySerializer serializer, T value) => serializer.Verify<T>(serializer.Serialize(value));

    private interface IThing
    {
        int A { get; }
    }

    private sealed record Receipt(int Left, string For, int[] Parts);

    private sealed record Nothing;

    private sealed record Box<T>(T Value);

    internal sealed class Fields
    {
        public int X;
    }

    private sealed class Line
    {
        public int Price { get; set; }

        public int Count { get; set; }

        public int Total => Price * Count;
    }

    [JsonDerivedType(typeof(Animal), "animal")]
    [JsonDerivedType(typeof(Dog), "dog")]
    [JsonPolymorphic(UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FallBackToNearestAncestor)]
    private class Animal
    {
        public string Name { get; set; } = "";
    }

    private class Dog : Animal
    {
        public int Tricks { get; set; }
    }

    private sealed class Puppy : Dog;

    private sealed class GetOnly
    {
        public Guid Id { get; } = Guid.NewGuid();
    }

    internal class Plain
    {
        public int A { get; set; }
    }

    internal sealed class Derived : Plain
    {
        public int B { get; set; }
    }

    internal sealed class Thing : IThing
    {
        public int A { get; set; }
    }

    private sealed class Hidden
    {
        private Hidden()
        {
        }

        public int A { get; set; }

        public static Hidden Make() => new() { A = 1 };
    }

    private readonly struct Sealed(int amount)
    {
        private readonly int _amount = amount;

        public override string ToString() => $"{_amount}";
    }

    [JsonConverter(typeof(LosingConverter))]
    private sealed class Lossy
    {
        public int Value { get; set; }
    }

    private sealed class LosingConverter : JsonConverter<Lossy>
    {
        public override Lossy Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            reader.GetInt32();
            return new Lossy();
        }

        public override void Write(Utf8JsonWriter writer, Lossy value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.Value);
    }

    private sealed class AnyObject : JsonConverter<object>
    {
        public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }

    private sealed class WriteOnly : IIdempotencySerializer
    {
        public byte[] Serialize<TResult>(TResult result) => [1];

        public TResult Deserialize<TResult>(byte[] stored) => throw new InvalidTimeZoneException();
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Fields))]
    [JsonSerializable(typeof((int, string)))]
    [JsonSerializable(typeof(Plain))]
    private sealed partial class Generated : JsonSerializerContext;
}
