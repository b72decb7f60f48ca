using System.ComponentModel;

namespace ConfigurationService.Hub;

/// <summary>The OpenAPI description of a rollback's body.</summary>
internal sealed record ServiceRollbackBody([property: Description("The version whose content comes back.")] int Version);
