namespace Data.Cache.Redis;

/// <summary>Answer to a read that asks for the lease when there is no value.</summary>
/// <param name="Bytes">The value; null when there is none.</param>
/// <param name="Stamp">Stamp of the lease; 0 when it was not granted.</param>
internal readonly record struct LeasedRead(byte[]? Bytes, long Stamp = 0);
