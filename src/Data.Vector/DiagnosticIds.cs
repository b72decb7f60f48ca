namespace Data.Vector;

/// <summary>The diagnostics that the compiler reports where an experimental part is used.</summary>
internal static class DiagnosticIds
{
    public const string Pinecone = "DATAVECTOR001";
}
