namespace ConfigurationService.Errors;

/// <summary>One fault in a body: where it is (a JSON pointer, RFC 6901), its own code, and what would be right.</summary>
internal sealed record ProblemError(string Pointer, string Code, string Detail);
