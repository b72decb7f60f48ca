namespace ConfigurationService.Providers;

/// <summary>
/// A tenant's providers of one type, by priority and name: the unit that is cached. The same type on a hit and on a miss.
/// </summary>
internal sealed record ProviderList(IReadOnlyList<ProviderView> Providers);
