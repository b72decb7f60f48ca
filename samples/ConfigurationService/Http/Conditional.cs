namespace ConfigurationService.Http;

/// <summary>Marks endpoints that answer with an entity tag and heed preconditions; OpenAPI says so.</summary>
internal sealed record Conditional;
