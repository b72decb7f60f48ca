using System.Diagnostics.CodeAnalysis;

namespace Data.Vector;

/// <summary>The application's vector store.</summary>
public sealed class DataVectorOptions
{
    /// <summary>Which store to use. Default <see cref="VectorStoreProvider.Embedded"/>.</summary>
    public VectorStoreProvider Provider { get; set; } = VectorStoreProvider.Embedded;

    /// <summary>
    /// Whether a hosted application writes, finds, reads and deletes a probe record when it starts and logs the outcome. It does so beside
    /// the start and goes on without a store that does not work. Default true. On Pinecone the probe makes an index for a moment.
    /// </summary>
    public bool ProbeOnStart { get; set; } = true;

    /// <summary>Settings of the store in process. Default: in memory.</summary>
    public EmbeddedVectorStoreOptions Embedded { get; set; } = new();

    /// <summary>Settings of the Chroma server. Default: <c>http://localhost:8000</c>.</summary>
    public ChromaVectorStoreOptions Chroma { get; set; } = new();

    /// <summary>Settings of Pinecone. Default: no key, which must be set when Pinecone is used. Experimental.</summary>
    [Experimental(DiagnosticIds.Pinecone)]
    public PineconeVectorStoreOptions Pinecone { get; set; } = new();
}
