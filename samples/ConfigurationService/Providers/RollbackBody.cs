using System.ComponentModel;

namespace ConfigurationService.Providers;

/// <summary>The OpenAPI description of a rollback's body.</summary>
internal sealed record RollbackBody(
    [property: Description("The id of the configuration, from an answer or from history.")] Guid ConfigId,
    [property: Description("The version whose content comes back.")] int Version);
