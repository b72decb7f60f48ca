using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Data.Cache.Serialization;

/// <summary>
/// A fingerprint of a type's serialised shape. Renaming, adding, removing or retyping a property changes it, and older entries become
/// misses.
/// </summary>
internal static class SchemaStamp
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong OfCustom(Type type, Type serializer) => Hash($"{Name(type)}|{serializer.FullName}");

    public static ulong OfContract(JsonTypeInfo contract)
    {
        var shape = new StringBuilder();
        Describe(shape, contract, []);
        return Hash(shape.ToString());
    }

    private static void Describe(StringBuilder shape, JsonTypeInfo contract, HashSet<Type> seen)
    {
        shape.Append(Name(contract.Type)).Append(':').Append(contract.Kind);
        if (!seen.Add(contract.Type))
            return;
        shape.Append('{');
        foreach (var property in contract.Properties.OrderBy(static property => property.Name, StringComparer.Ordinal))
        {
            shape.Append(property.Name).Append('=');
            Part(shape, contract, property.PropertyType, seen);
            shape.Append(';');
        }

        if (contract.ElementType is { } element)
            Part(shape, contract, element, seen);
        if (contract.KeyType is { } key)
            Part(shape, contract, key, seen);
        foreach (var derived in contract.PolymorphismOptions?.DerivedTypes ?? [])
            shape.Append(Name(derived.DerivedType)).Append('~').Append(derived.TypeDiscriminator);
        shape.Append('}');
    }

    private static void Part(StringBuilder shape, JsonTypeInfo owner, Type type, HashSet<Type> seen)
    {
        if (owner.Options.TryGetTypeInfo(type, out var contract))
            Describe(shape, contract, seen);
        else
            shape.Append(Name(type));
    }

    // Without assembly versions: a new build of the same shape must read what the old one wrote.
    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Namespace}.{type.Name}<{string.Join(',', type.GetGenericArguments().Select(Name))}>"
        : type.FullName ?? type.Name;

    // FNV-1a (Fowler, Noll, Vo): no security is asked of it, only that it is the same in every process.
    private static ulong Hash(string text)
    {
        var hash = Offset;
        foreach (var single in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ single) * Prime;
        return hash;
    }
}
