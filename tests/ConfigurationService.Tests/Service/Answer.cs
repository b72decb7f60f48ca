using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ConfigurationService.Tests.Service;

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, string? ContentType)
{
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>The stable code of a problem document, after checking that it is one.</summary>
    public string Code
    {
        get
        {
            ContentType.ShouldBe("application/problem+json", Text);
            Json.GetProperty("status").GetInt32().ShouldBe((int)Status);
            Json.GetProperty("type").GetString().ShouldEndWith(Json.GetProperty("code").GetString()!);
            return Json.GetProperty("code").GetString()!;
        }
    }

    public string? Tag => Headers.ETag?.Tag;

    public IReadOnlyList<(string Pointer, string Code)> Errors =>
        [.. Json.GetProperty("errors").EnumerateArray()
            .Select(static e => (e.GetProperty("pointer").GetString()!, e.GetProperty("code").GetString()!))];

    public Answer Expect(HttpStatusCode status)
    {
        Status.ShouldBe(status, Text);
        return this;
    }
}
