namespace Data.Vector.Metadata;

/// <summary>Which metadata keys an application may use.</summary>
internal static class MetadataKeys
{
    /// <summary>Marks the keys under which stores keep what a server cannot hold itself.</summary>
    public const string OwnPrefix = "__data.";

    public const int MaxLength = 256;

    /// <summary>Why a key is refused, to follow "the key ..., which"; null when it is not.</summary>
    public static string? Refusal(string key) => key switch
    {
        "" => "is empty",
        { Length: > MaxLength } => $"is longer than {MaxLength} characters",
        ['$' or '#', ..] => "is reserved: keys must not begin with '$' or '#'",
        _ when key.StartsWith("chroma:", StringComparison.Ordinal) || key.StartsWith(OwnPrefix, StringComparison.Ordinal)
            => $"is reserved: keys must not begin with 'chroma:' or '{OwnPrefix}'",
        _ => null,
    };
}
