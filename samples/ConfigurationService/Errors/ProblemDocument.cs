using System.ComponentModel;
using System.Text.Json.Serialization;

namespace ConfigurationService.Errors;

/// <summary>A problem document as RFC 9457 defines it, with a stable code.</summary>
internal sealed record ProblemDocument(
    [property: Description("Identifies the kind of problem; ends with its code.")] string Type,
    [property: Description("The kind of problem in words.")] string Title,
    [property: Description("The HTTP status.")] int Status,
    [property: Description("What went wrong this time, and what would be right.")] string Detail,
    [property: Description("The path of the request.")] string Instance,
    [property: Description("Stable: branch on this.")] string Code,
    [property: Description("Finds the request in logs and traces.")] string TraceId)
{
    // No parameter: absent where there is nothing to list, so the schema must not require it.
    [Description("Each fault in the body, when it is the body.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProblemError>? Errors { get; init; }

    public const string ContentType = "application/problem+json";
}
