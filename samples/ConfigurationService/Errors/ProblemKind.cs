namespace ConfigurationService.Errors;

/// <summary>One way in which a request can go wrong: the stable code that clients branch on, its status and its title.</summary>
internal sealed record ProblemKind(string Code, int Status, string Title);
