namespace ConfigurationService.Schemas;

/// <summary>A member of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">What it may be.</param>
/// <param name="Required">Whether it must be there.</param>
internal sealed record ShapeMember(string Name, JsonShape Shape, bool Required = false);
