namespace ConfigurationService.Hosting;

/// <summary>What is at <c>/</c> for a program.</summary>
internal sealed record RootDocument(string Name, IReadOnlyDictionary<string, string> Links);
