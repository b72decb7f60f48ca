using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Http;

namespace ConfigurationService.Providers;

/// <summary>Reads bodies that describe providers, with every fault at its JSON pointer.</summary>
internal static class ProviderBody
{
    private const int MaxProviders = 200;
    private const int MaxSecretLength = 4096;

    // Members that an answer has: accepted, so that what was read can be sent back, and ignored, for the service sets them.
    private static readonly string[] Answered = ["id", "has_api_key", "has_api_secret", "version", "updated_at"];
    private static readonly string[] Members = ["provider_name", "priority", "enabled", "config", "api_key", "api_secret", .. Answered];
    private static readonly string[] TenantMembers = ["tenant_id", .. ProviderTypes.Members];

    /// <summary>Reads a tenant's document, as it is posted and put.</summary>
    public static IReadOnlyList<ProviderDraft> ReadTenant(JsonDocument document, string tenant)
    {
        var errors = new BodyErrors();
        var body = JsonBody.Root(document, errors);
        CheckTenant(body, tenant);
        foreach (var member in body.Names)
        {
            if (ProviderTypes.TypeOf(member) is { } type && !ProviderTypes.IsKnown(type))
            {
                body.Fault(
                                Problems.UnknownProviderType,
                                member,
                                $"There is no provider type '{type}'. Types are: {string.Join(", ", ProviderTypes.All)}.");
            }
            else if (!TenantMembers.Contains(member, StringComparer.Ordinal))
            {
                body.Fault(
                                Problems.UnknownField,
                                member,
                                $"There is no member of this name. Known are: {string.Join(", ", TenantMembers)}.");
            }
        }

        var drafts = new List<ProviderDraft>();
        foreach (var type in ProviderTypes.All)
            ReadType(body, type, drafts, errors);
        if (drafts.Count > MaxProviders)
            errors.Add(Problems.InvalidValue, "", $"A body may name at most {MaxProviders} providers.");
        errors.ThrowIfAny();
        return drafts;
    }

    /// <summary>Reads one provider, as it is put and patched under its own path.</summary>
    public static ProviderDraft ReadOne(JsonDocument document, string type, string name)
    {
        var errors = new BodyErrors();
        var body = JsonBody.Root(document, errors);
        if (body.Text("provider_name", ProviderName.MaxLength) is { } named && named != name)
            body.Fault(Problems.InvalidValue, "provider_name", $"The path names '{name}'.");
        var draft = Read(body, type, name);
        errors.ThrowIfAny();
        return draft;
    }

    private static void CheckTenant(BodyObject body, string tenant)
    {
        if (body.Text("tenant_id", TenantName.MaxLength) is { } named && named != tenant)
            body.Fault(Problems.TenantMismatch, "tenant_id", $"The path names the tenant '{tenant}'.");
    }

    private static void ReadType(BodyObject body, string type, List<ProviderDraft> drafts, BodyErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in body.Objects(ProviderTypes.MemberOf(type)))
        {
            var name = item.Text("provider_name", ProviderName.MaxLength, required: true);
            if (name is not null && !ProviderName.IsValid(name))
                item.Fault(Problems.InvalidValue, "provider_name", ProviderName.Rule);
            if (name is not null && !names.Add(name))
                errors.Add(Problems.DuplicateProvider, item.Pointer, $"'{name}' is named twice among {ProviderTypes.MemberOf(type)}.");
            drafts.Add(Read(item, type, name ?? ""));
        }
    }

    private static ProviderDraft Read(BodyObject item, string type, string name)
    {
        item.RejectUnknown(Members);
        var priority = item.Text("priority", 20);
        if (priority is not null && !ProviderPriorities.All.Contains(priority, StringComparer.Ordinal))
            item.Fault(Problems.InvalidPriority, "priority", $"The priority is one of: {string.Join(", ", ProviderPriorities.All)}.");
        var config = item.Object("config");
        if (config is { } settings)
            SecretNames.Reject(settings);
        return new ProviderDraft(
            type, name, priority, item.Flag("enabled"), config?.Element,
            item.NullableText("api_key", MaxSecretLength), item.NullableText("api_secret", MaxSecretLength));
    }
}
