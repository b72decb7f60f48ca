namespace Data.Cache;

/// <summary>All that decides what a language model answers. Two requests share a response only when every part is equal.</summary>
/// <remarks>Immutable; safe for concurrent use as long as its collections are not changed.</remarks>
public sealed record LlmRequest
{
    /// <summary>Whose request it is; 1 to 255 characters. Responses never cross tenants.</summary>
    public required string TenantId { get; init; }

    /// <summary>Name and version of the model; 1 to 255 characters.</summary>
    public required string Model { get; init; }

    /// <summary>The system message; null and empty differ. Default null: none.</summary>
    public string? System { get; init; }

    /// <summary>The conversation, oldest first.</summary>
    public required IReadOnlyList<LlmMessage> Messages { get; init; }

    /// <summary>Definitions of the tools the model may call, in their order. Default: none.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>
    /// Everything else that shapes the answer, such as temperature, seed or output format; the order does not matter. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who speaks, for example <c>user</c>.</param>
/// <param name="Content">What was said, with all its parts; for images and files a hash of their bytes will do.</param>
public readonly record struct LlmMessage(string Role, string Content);

/// <summary>What a response cost, and so what serving it from the cache saves.</summary>
/// <param name="InputTokens">Tokens of the prompt.</param>
/// <param name="OutputTokens">Tokens of the answer.</param>
public readonly record struct LlmUsage(long InputTokens, long OutputTokens);
