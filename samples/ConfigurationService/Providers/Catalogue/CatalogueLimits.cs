using System.ComponentModel;

namespace ConfigurationService.Providers.Catalogue;

/// <summary>How much a provider allows by default; null when it names no limit.</summary>
internal sealed record CatalogueLimits(
    [property: Description("Calls of a second.")] int? RequestsPerSecond,
    [property: Description("Calls of a day.")] int? RequestsPerDay);
