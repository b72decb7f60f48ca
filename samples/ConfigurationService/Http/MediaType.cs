namespace ConfigurationService.Http;

/// <summary>The media types of bodies.</summary>
internal static class MediaType
{
    public const string Json = "application/json";
    public const string MergePatch = "application/merge-patch+json";
    public const string Rule = "Send the body with Content-Type: application/json.";

    // What curl -d says unless it is told otherwise. No form of a web page gets through by it: a key has to be sent in a header.
    private const string Form = "application/x-www-form-urlencoded";

    public static bool IsJson(HttpRequest request) => request.HasJsonContentType();

    /// <summary>Whether the type says nothing, so that the content decides.</summary>
    public static bool MayBeJson(HttpRequest request) =>
        request.ContentType is { } type && type.Split(';')[0].Trim().Equals(Form, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a body begins as a JSON object does and a form does not.</summary>
    public static bool LooksLikeJson(ReadOnlySpan<byte> body)
    {
        var start = body.TrimStart(" \t\r\n"u8);
        return start.Length > 0 && start[0] == (byte)'{';
    }
}
