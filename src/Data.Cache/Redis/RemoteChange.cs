namespace Data.Cache.Redis;

/// <summary>A change that Redis has acknowledged. One of <see cref="Key"/>, <see cref="Tag"/> and <see cref="Pattern"/> is set.</summary>
/// <param name="Order">Its place among the changes of this node.</param>
internal sealed record RemoteChange(long Order)
{
    /// <summary>Full name of the key that was written or removed.</summary>
    public string? Key { get; init; }

    /// <summary>Stamp of the write or removal of <see cref="Key"/>.</summary>
    public long Stamp { get; init; }

    /// <summary>Full name of the tag that was removed.</summary>
    public string? Tag { get; init; }

    /// <summary>The pattern that was removed, relative to its scope.</summary>
    public KeyPattern? Pattern { get; init; }

    /// <summary>Text of the pattern's scope, as it appears in keys of Redis.</summary>
    public string Scope { get; init; } = string.Empty;

    /// <summary>Prefix of that scope's names.</summary>
    public string Prefix { get; init; } = string.Empty;

    /// <summary>Keys per batch of the pattern's removal.</summary>
    public int BatchSize { get; init; }
}
