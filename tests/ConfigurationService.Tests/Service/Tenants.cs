namespace ConfigurationService.Tests.Service;

/// <summary>Names and bodies that tests use.</summary>
internal static class Tenants
{
    public static string New() => $"tenant-{Guid.NewGuid():n}";

    public static object Map(string tenant, string name = "openstreetmap", bool enabled = true, string priority = "primary") => new
    {
        tenant_id = tenant,
        map_providers = new[] { new { provider_name = name, priority, enabled } },
    };
}
