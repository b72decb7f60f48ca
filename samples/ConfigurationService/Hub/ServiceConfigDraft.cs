using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Http;

namespace ConfigurationService.Hub;

/// <summary>What a publication says; what it does not say stays as it is.</summary>
internal sealed record ServiceConfigDraft(string Service, string Config, Given<string> Description, IReadOnlyList<string>? Tags)
{
    private const int MaxTags = 50;

    // version and updated_at are what an answer has: accepted, so that what was read can be sent back, and ignored.
    private static readonly string[] Members = ["service_name", "config", "description", "tags", "version", "updated_at"];

    public static ServiceConfigDraft Read(JsonDocument document, string service)
    {
        var errors = new BodyErrors();
        var body = JsonBody.Root(document, errors);
        body.RejectUnknown(Members);
        if (body.Text("service_name", ServiceName.MaxLength) is { } named && named != service)
            body.Fault(Problems.InvalidValue, "service_name", $"The path names the service '{service}'.");
        var config = body.Object("config", required: true);
        var tags = body.Texts("tags", 100);
        if (tags?.Count > MaxTags)
            body.Fault(Problems.InvalidValue, "tags", $"There may be at most {MaxTags} tags.");
        var description = body.NullableText("description", 2000);
        errors.ThrowIfAny();
        return new ServiceConfigDraft(service, config!.Value.Element.GetRawText(), description, tags);
    }
}
