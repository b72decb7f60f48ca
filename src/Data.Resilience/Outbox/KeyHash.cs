namespace Data.Resilience.Outbox;

/// <summary>The number that stands for a key in locks and lanes: FNV-1a, the same in every process and version.</summary>
/// <remarks>Keys that share a number share their order, which is stricter than promised and harmless.</remarks>
internal static class KeyHash
{
    private const uint Basis = 2166136261;
    private const uint Prime = 16777619;

    public static int Of(string? tenant, string key)
    {
        var hash = Basis;
        foreach (var character in tenant ?? "")
            hash = (hash ^ character) * Prime;

        // Between the two, so that tenant "a" with key "bc" is not tenant "ab" with key "c".
        hash = (hash ^ char.MaxValue) * Prime;
        foreach (var character in key)
            hash = (hash ^ character) * Prime;

        return (int)hash;
    }
}
