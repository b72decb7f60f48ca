using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Cache.Serialization;

/// <summary>Finds the serializer of a type once: the application's own, else its factories', else JSON.</summary>
internal sealed class SerializerCatalog
{
    private readonly ConcurrentDictionary<Type, object> _serializers = new();
    private readonly IServiceProvider? _services;
    private readonly IHybridCacheSerializerFactory[] _factories;
    private readonly JsonSerializerContext[] _contexts;
    private readonly JsonSerializerOptions _json;

    public SerializerCatalog(
        IEnumerable<IJsonTypeInfoResolver> resolvers,
        IEnumerable<IHybridCacheSerializerFactory> factories,
        IServiceProvider? services)
    {
        _services = services;
        _factories = [.. factories];
        // Tuples have nothing but fields.
        _json = new JsonSerializerOptions { IncludeFields = true };
        _contexts = [.. resolvers.OfType<JsonSerializerContext>()];
        foreach (var resolver in resolvers)
            _json.TypeInfoResolverChain.Add(resolver);
        AddReflection(_json);
        _json.MakeReadOnly();
    }

    /// <summary>Returns the serializer of a type.</summary>
    /// <exception cref="NotSupportedException">No serializer knows the type; without reflection it must be in a registered JSON
    /// context.</exception>
    public ValueSerializer<T> Get<T>() =>
        _serializers.TryGetValue(typeof(T), out var known) ?
            (ValueSerializer<T>)known :
            (ValueSerializer<T>)_serializers.GetOrAdd(typeof(T), Create<T>());

    private ValueSerializer<T> Create<T>()
    {
        var sizer = (_services?.GetService(typeof(ValueSizer<T>)) as ValueSizer<T>)?.Size;
        if (_services?.GetService(typeof(IHybridCacheSerializer<T>)) is IHybridCacheSerializer<T> own)
            return new CustomSerializer<T>(own) { Sizer = sizer };
        for (var i = _factories.Length - 1; i >= 0; i--)
        {
            if (_factories[i].TryCreateSerializer<T>(out var made))
                return new CustomSerializer<T>(made) { Sizer = sizer };
        }

        if (typeof(T) == typeof(string))
            return (ValueSerializer<T>)(object)new StringSerializer();
        if (typeof(T) == typeof(byte[]))
            return (ValueSerializer<T>)(object)new BytesSerializer();
        return new JsonValueSerializer<T>(Contract<T>()) { Sizer = sizer };
    }

    // The framework's own serializer looks for options under the same keys, the type's before those of all types.
    private JsonTypeInfo<T> Contract<T>()
    {
        var options = (_services as IKeyedServiceProvider)?.GetKeyedService<JsonSerializerOptions>(typeof(IHybridCacheSerializer<T>))
            ?? (_services as IKeyedServiceProvider)?.GetKeyedService<JsonSerializerOptions>(typeof(IHybridCacheSerializer<>));
        if (options is not null)
        {
            Complete(options);
            return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        }

        // A context's settings (names, fields, converters) belong to its contracts.
        var contract = _contexts.Select(static context => context.GetTypeInfo(typeof(T))).FirstOrDefault(static info => info is not null);
        return (JsonTypeInfo<T>)(contract ?? _json.GetTypeInfo(typeof(T)));
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Reached only where the application left reflection on.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached only where the application left reflection on.")]
    private static void Complete(JsonSerializerOptions options)
    {
        if (!options.IsReadOnly)
            options.MakeReadOnly(populateMissingResolver: JsonSerializer.IsReflectionEnabledByDefault);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Reached only where the application left reflection on.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached only where the application left reflection on.")]
    private static void AddReflection(JsonSerializerOptions json)
    {
        if (JsonSerializer.IsReflectionEnabledByDefault)
            json.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        else if (json.TypeInfoResolverChain.Count == 0)
            json.TypeInfoResolverChain.Add(JsonTypeInfoResolver.Combine());
    }
}
