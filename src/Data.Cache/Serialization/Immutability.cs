using System.Collections.Frozen;
using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Data.Cache.Serialization;

/// <summary>Decides which types may be shared between callers. When in doubt, a type is mutable and every caller gets a copy.</summary>
internal static class Immutability
{
    private static readonly FrozenSet<Type> Known = new[]
    {
        typeof(string), typeof(Uri), typeof(Version), typeof(DBNull), typeof(System.Globalization.CultureInfo),
    }.ToFrozenSet();

    public static bool Of<T>() => !RuntimeHelpers.IsReferenceOrContainsReferences<T>() || Of(typeof(T));

    private static bool Of(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || Known.Contains(type))
            return true;
        if (type.IsGenericType && Array.TrueForAll(type.GetGenericArguments(), Of) && IsImmutableGeneric(type.GetGenericTypeDefinition()))
            return true;

        // A derived type could add mutable state, so the mark counts on sealed types only.
        return type.IsSealed && type.GetCustomAttribute<ImmutableObjectAttribute>(inherit: false) is { Immutable: true };
    }

    private static bool IsImmutableGeneric(Type definition) =>
        definition == typeof(Nullable<>)
        || definition.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal)
        || (definition is { Namespace: "System.Collections.Immutable", IsInterface: false }
            && !definition.Name.Contains("Builder", StringComparison.Ordinal));
}
