using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Data.Cache.Serialization;

/// <summary>
/// A fingerprint of a type's serialised shape. Renaming, adding, removing or retyping a property changes it, and older entries become
/// misses. A type whose values would lose everything they hold is refused.
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
        if (IsEmptied(contract))
        {
            throw new NotSupportedException($"Values of {contract.Type} would come back empty: their JSON contract contains none of their "
                + "fields. Give the type public properties, set IncludeFields on the JSON context, or register a serializer.");
        }

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

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "A field that was trimmed away holds nothing.")]
    private static bool IsEmptied(JsonTypeInfo contract)
    {
        if (contract.Kind != JsonTypeInfoKind.Object || contract.Properties.Count > 0 || contract.PolymorphismOptions is not null)
            return false;
        for (var type = contract.Type; type is not null && type != typeof(object); type = type.BaseType)
        {
            if (type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Length > 0)
                return true;
        }

        return false;
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
