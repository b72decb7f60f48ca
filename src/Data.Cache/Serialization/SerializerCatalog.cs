using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Serialization;

/// <summary>Finds the serializer of a type once: the application's own, else its factories', else JSON.</summary>
internal sealed class SerializerCatalog
{
    private readonly ConcurrentDictionary<Type, object> _serializers = new();
    private readonly IServiceProvider? _services;
    private readonly IHybridCacheSerializerFactory[] _factories;
    private readonly JsonSerializerOptions _json;

    public SerializerCatalog(
        IEnumerable<IJsonTypeInfoResolver> resolvers,
        IEnumerable<IHybridCacheSerializerFactory> factories,
        IServiceProvider? services)
    {
        _services = services;
        _factories = [.. factories];
        _json = new JsonSerializerOptions();
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
        if (_services?.GetService(typeof(IHybridCacheSerializer<T>)) is IHybridCacheSerializer<T> own)
            return new CustomSerializer<T>(own);
        for (var i = _factories.Length - 1; i >= 0; i--)
        {
            if (_factories[i].TryCreateSerializer<T>(out var made))
                return new CustomSerializer<T>(made);
        }

        if (typeof(T) == typeof(string))
            return (ValueSerializer<T>)(object)new StringSerializer();
        if (typeof(T) == typeof(byte[]))
            return (ValueSerializer<T>)(object)new BytesSerializer();
        return new JsonValueSerializer<T>((JsonTypeInfo<T>)_json.GetTypeInfo(typeof(T)));
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
