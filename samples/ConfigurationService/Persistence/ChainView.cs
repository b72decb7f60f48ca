using System.ComponentModel;

namespace ConfigurationService.Persistence;

/// <summary>What a check of a hash chain found.</summary>
internal sealed record ChainView(
    [property: Description("Whether every entry is as it was written, none is missing, and what is current is recorded.")] bool Intact,
    [property: Description("How many entries were checked.")] long Entries,
    [property: Description("Sequence number of the first entry that was changed, or whose predecessor is missing.")] long? BrokenAt,
    [property: Description("Whether the newest entries were cut off.")] bool EndMissing,
    [property: Description("How many current configurations differ from their newest history entry.")] long Unrecorded)
{
    public static ChainView Of(long entries, long? brokenAt, bool endMissing, long unrecorded) =>
        new(brokenAt is null && !endMissing && unrecorded == 0, entries, brokenAt, endMissing, unrecorded);
}
