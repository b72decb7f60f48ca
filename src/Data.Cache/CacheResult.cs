namespace Data.Cache;

/// <summary>Outcome of a read without a factory: a value, or nothing.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Found">Whether a value was cached.</param>
/// <param name="Value">The value; the type's default when nothing was found. Null with <paramref name="Found"/> set is a cached negative
/// result.</param>
public readonly record struct CacheResult<T>(bool Found, T? Value);
