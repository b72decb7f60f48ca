using System.ComponentModel;

namespace ConfigurationService.Hub;

/// <summary>What a publication came to.</summary>
internal sealed record PublishView(
    [property: Description("created or updated.")] string Status,
    [property: Description(
        "Whether listeners were told: sent, skipped (no bus, or nothing changed) or failed. They converge by polling in any "
        + "case.")] string Broadcast,
    int Version);
