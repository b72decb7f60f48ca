using System.ComponentModel;

namespace ConfigurationService.Documents;

/// <summary>What was stored.</summary>
internal sealed record DocumentsWritten([property: Description("Their ids, in the order of the request.")] IReadOnlyList<string> Ids);
