using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Schemas;

namespace ConfigurationService.Keys;

/// <summary>A checked request for a key.</summary>
internal sealed record NewKeyRequest(string Name, string? Tenant, ApiScopes Scopes, TimeSpan Lifetime)
{
    private static readonly WholeShape Days =
        new(1, 3650) { Default = 365, Nullable = true, Description = "Days until the key expires." };

    public static readonly ObjectShape Shape = new("NewKeyBody", [
        new("name", new TextShape(1, 100) { Description = "Signs the history of what the key changes." }, Required: true),
        new("tenant_id", TenantName.Shape with
        {
            Nullable = true, Description = "The tenant that the key belongs to; absent or null for an administrator's.",
        }),
        new("scopes", new ArrayShape(new TextShape(1, 10) { Values = ApiScopeNames.All }, 1, 10)
        {
            Description = "admin only for an administrator's key.",
        }, Required: true),
        new("expires_in_days", Days),
    ]);

    public static NewKeyRequest Read(JsonBody body)
    {
        var tenant = body.Root.Text("tenant_id");
        var scopes = ApiScopeNames.Combine(body.Root.Texts("scopes") ?? []);
        if (tenant is not null && scopes.HasFlag(ApiScopes.Admin))
            body.Root.Fault(Problems.InvalidValue, "scopes", "A tenant's key cannot have the scope admin.");
        body.Errors.ThrowIfAny();
        return new NewKeyRequest(
            body.Root.Text("name")!, tenant, scopes, TimeSpan.FromDays(body.Root.Integer("expires_in_days", Days)!.Value));
    }
}
