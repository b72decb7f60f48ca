using System.Text.Json;

namespace ConfigurationService.Providers;

/// <summary>A row of <c>provider_configs</c>; its secrets are ciphertext. Never leaves the service.</summary>
internal sealed record ProviderRow(
    Guid Id, string Type, string Name, string? ApiKey, string? ApiSecret, string Priority, bool Enabled, string Config, int Version,
    DateTimeOffset UpdatedAt)
{
    // Names, ids and times of the answer have fewer.
    private const int OtherCharacters = 500;

    /// <summary>At least as many characters as the row has in an answer.</summary>
    public long AnswerCharacters => Config.Length + OtherCharacters;

    public ProviderView ToView() =>
        new(Id, Name, Priority, Enabled, ApiKey is not null, ApiSecret is not null, JsonElement.Parse(Config), Version, UpdatedAt);

    public static TenantView ToTenant(string tenant, IEnumerable<ProviderRow> rows)
    {
        var byType = rows.ToLookup(static r => r.Type, StringComparer.Ordinal);
        return TenantView.Of(tenant, type => ToViews(byType[type]));
    }

    public static IReadOnlyList<ProviderView> ToViews(IEnumerable<ProviderRow> rows) =>
    [
        .. rows.OrderBy(static r => ProviderPriorities.RankOf(r.Priority)).ThenBy(static r => r.Name, StringComparer.Ordinal)
            .Select(static r => r.ToView()),
    ];
}
