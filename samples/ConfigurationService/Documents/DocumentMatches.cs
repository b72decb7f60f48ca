namespace ConfigurationService.Documents;

/// <summary>The documents found, nearest first.</summary>
internal sealed record DocumentMatches(IReadOnlyList<DocumentMatch> Matches);
