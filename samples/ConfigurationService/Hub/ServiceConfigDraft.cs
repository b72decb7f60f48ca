using ConfigurationService.Errors;
using ConfigurationService.Http;

namespace ConfigurationService.Hub;

/// <summary>What a publication says; what it does not say stays as it is.</summary>
internal sealed record ServiceConfigDraft(string Service, string Config, Given<string> Description, IReadOnlyList<string>? Tags)
{
    public static ServiceConfigDraft Read(JsonBody body, string service)
    {
        var root = body.Root;
        if (HubShapes.IsBare(root.Element))
        {
            body.Errors.ThrowIfAny();
            return new ServiceConfigDraft(service, root.Element.GetRawText(), Given<string>.Absent, Tags: null);
        }

        if (root.Text("service_name") is { } named && named != service)
            root.Fault(Problems.InvalidValue, "service_name", $"The path names the service '{service}'.");
        body.Errors.ThrowIfAny();
        return new ServiceConfigDraft(
            service, root.Object(HubShapes.Config)!.Value.Element.GetRawText(), root.NullableText("description"), root.Texts("tags"));
    }
}
