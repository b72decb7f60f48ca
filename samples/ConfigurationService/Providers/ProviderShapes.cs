using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Schemas;

namespace ConfigurationService.Providers;

/// <summary>The bodies about providers.</summary>
internal static class ProviderShapes
{
    private const int MaxProviders = 200;

    public static readonly WholeShape Version = new(1, int.MaxValue) { Description = "The version whose content comes back." };

    private static readonly TextShape Secret = new(1, 4096)
    {
        HasLines = true,
        Nullable = true,
        WriteOnly = true,
        Description = "Stored encrypted and never answered. Absent keeps the stored one, null removes it.",
    };

    private static readonly TextShape ConfigId = new(36, 36)
    {
        Form = new(@"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"),
        FormRule = "the id of a configuration, a UUID",
        Format = "uuid",
        Description = "Identity of the configuration, from an answer or from history.",
    };

    // The last five are what an answer has: what was read can be sent back as it is. Nullable, so that
    // generated clients have something to leave out.
    private static readonly IReadOnlyList<ShapeMember> Settings =
    [
        new("priority", ProviderPriorities.Shape with { Nullable = true }),
        new("enabled", new FlagShape { Nullable = true, Description = "Whether the provider may be used; a new one may." }),
        new("config", new MapShape
        {
            Nullable = true,
            Also = SecretNames.Reject,
            Description = "Settings of the provider. Members that are named like secrets are refused at any depth.",
        }),
        new("api_key", Secret),
        new("api_secret", Secret),
        new("id", ConfigId with { ReadOnly = true, Nullable = true }),
        new("has_api_key", new FlagShape { ReadOnly = true, Nullable = true }),
        new("has_api_secret", new FlagShape { ReadOnly = true, Nullable = true }),
        new("version", Version with { ReadOnly = true, Nullable = true, Description = null }),
        new("updated_at", new TextShape(1, 40) { Format = "date-time", ReadOnly = true, Nullable = true }),
    ];

    /// <summary>One provider under its own path, which names it.</summary>
    public static readonly ObjectShape One = new("ProviderBody", [
        new("provider_name", ProviderName.Shape with { Nullable = true, Description = "Optional; must equal the name in the path." }),
        .. Settings]);

    /// <summary>A tenant's document.</summary>
    public static readonly ObjectShape Tenant = new("TenantBody", [
        new("tenant_id", TenantName.Shape with { Nullable = true, Description = "Optional; must equal the tenant in the path." }),
        .. ProviderTypes.Members.Select(static m => new ShapeMember(m, List))])
    {
        Unknown = static name =>
            ProviderTypes.TypeOf(name) is { } type ? (Problems.UnknownProviderType, ProviderTypes.Unknown(type)) : null,
    };

    public static readonly ObjectShape Rollback = new("RollbackBody", [
        new("config_id", ConfigId, Required: true), new("version", Version, Required: true)]);

    private static ArrayShape List => new(
        new ObjectShape("ProviderItemBody", [new("provider_name", ProviderName.Shape, Required: true), .. Settings]), 0, MaxProviders)
    {
        Nullable = true,
    };
}
