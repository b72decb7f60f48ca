using ConfigurationService.Errors;
using ConfigurationService.Http;

namespace ConfigurationService.Providers;

/// <summary>Reads bodies that describe providers, and checks what their shape cannot say.</summary>
internal static class ProviderBody
{
    /// <summary>Reads a tenant's document, as it is posted and put.</summary>
    public static IReadOnlyList<ProviderDraft> ReadTenant(JsonBody body, string tenant)
    {
        if (body.Root.Text("tenant_id") is { } named && named != tenant)
            body.Root.Fault(Problems.TenantMismatch, "tenant_id", $"The path names the tenant '{tenant}'.");
        var drafts = new List<ProviderDraft>();
        foreach (var type in ProviderTypes.All)
            ReadType(body, type, drafts);
        body.Errors.ThrowIfAny();
        return drafts;
    }

    /// <summary>Reads one provider, as it is put and patched under its own path.</summary>
    public static ProviderDraft ReadOne(JsonBody body, string type, string name)
    {
        if (body.Root.Text("provider_name") is { } named && named != name)
            body.Root.Fault(Problems.InvalidValue, "provider_name", $"The path names '{name}'.");
        body.Errors.ThrowIfAny();
        return Read(body.Root, type, name);
    }

    private static void ReadType(JsonBody body, string type, List<ProviderDraft> drafts)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var member = ProviderTypes.MemberOf(type);
        foreach (var item in body.Root.Objects(member))
        {
            if (item.Text("provider_name") is not { } name)
                continue;
            if (!names.Add(name))
                body.Errors.Add(Problems.DuplicateProvider, item.Pointer, $"'{name}' is named twice among {member}.");
            drafts.Add(Read(item, type, name));
        }
    }

    private static ProviderDraft Read(BodyObject item, string type, string name) => new(
        type, name, item.Text("priority"), item.Flag("enabled"), item.Object("config")?.Element,
        item.NullableText("api_key"), item.NullableText("api_secret"));
}
