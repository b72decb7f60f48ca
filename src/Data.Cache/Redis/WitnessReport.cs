namespace Data.Cache.Redis;

/// <summary>What the witnesses of a cluster have reported.</summary>
/// <param name="Lost">Slots of the primaries that have lost data.</param>
/// <param name="Changed">Whether another process answers for a slot.</param>
/// <param name="Evicted">Whether a primary may have evicted keys.</param>
/// <param name="AllAnswered">Whether each primary has answered.</param>
internal readonly record struct WitnessReport(IReadOnlyList<int> Lost, bool Changed, bool Evicted, bool AllAnswered);
