namespace ConfigurationService.Schemas;

/// <summary>A parameter of a query string, as endpoint metadata: reading and OpenAPI both start here.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">What it may be; a number is written in digits.</param>
internal sealed record QueryParameter(string Name, JsonShape Shape);
