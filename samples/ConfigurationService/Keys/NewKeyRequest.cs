using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Http;

namespace ConfigurationService.Keys;

/// <summary>A checked request for a key.</summary>
internal sealed record NewKeyRequest(string Name, string? Tenant, ApiScopes Scopes, TimeSpan Lifetime)
{
    private const int DefaultDays = 365;
    private const int MaxDays = 3650;

    public static NewKeyRequest Read(JsonDocument document)
    {
        var errors = new BodyErrors();
        var body = JsonBody.Root(document, errors);
        body.RejectUnknown("name", "tenant_id", "scopes", "expires_in_days");
        var name = body.Text("name", 100, required: true);
        var tenant = body.NullableText("tenant_id", TenantName.MaxLength).Value;
        if (tenant is not null && !TenantName.IsValid(tenant))
            body.Fault(Problems.InvalidTenant, "tenant_id", TenantName.Rule);
        var days = body.Integer("expires_in_days", 1) ?? DefaultDays;
        if (days > MaxDays)
            body.Fault(Problems.InvalidValue, "expires_in_days", $"expires_in_days is 1 to {MaxDays}.");
        var scopes = ReadScopes(body, tenant);
        errors.ThrowIfAny();
        return new NewKeyRequest(name!, tenant, scopes, TimeSpan.FromDays(days));
    }

    private static ApiScopes ReadScopes(BodyObject body, string? tenant)
    {
        var names = body.Texts("scopes", 10);
        if (names is not { Count: > 0 })
            body.Fault(Problems.MissingField, "scopes", $"scopes is required: one or more of {string.Join(", ", ApiScopeNames.All)}.");
        foreach (var (index, name) in (names ?? []).Index())
        {
            if (ApiScopeNames.Parse(name) is null)
            {
                body.FaultAt(
                    Problems.InvalidValue,
                    $"{body.PointerTo("scopes")}/{index}",
                    $"There is no scope '{name}'. Scopes are: {string.Join(", ", ApiScopeNames.All)}.");
            }
        }

        var scopes = ApiScopeNames.Combine(names ?? []);
        if (tenant is not null && scopes.HasFlag(ApiScopes.Admin))
            body.Fault(Problems.InvalidValue, "scopes", "A tenant's key cannot have the scope admin.");
        return scopes;
    }
}
