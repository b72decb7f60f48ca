using ConfigurationService.Errors;

namespace ConfigurationService.Providers;

/// <summary>What a write did, and the tenant's rows after it.</summary>
internal sealed record WriteResult(ProviderPlan Plan, IReadOnlyList<ProviderRow> Rows)
{
    public ProviderView View(string type, string name) =>
        Rows.FirstOrDefault(r => r.Type == type && r.Name == name)?.ToView()
        ?? throw new ProblemException(Problems.NotFound, $"There is no provider {type}/{name}.");
}
