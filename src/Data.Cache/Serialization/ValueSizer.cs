namespace Data.Cache.Serialization;

/// <summary>What the application says about the memory that values of a type hold.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <param name="Size">Returns the bytes of a value.</param>
internal sealed record ValueSizer<T>(Func<T, long> Size);
