using System.Diagnostics.CodeAnalysis;

namespace Data.Vector;

/// <summary>The vector store of an application.</summary>
public sealed class DataVectorOptions
{
    /// <summary>The store to use. Default: <see cref="VectorStoreProvider.Embedded"/>.</summary>
    public VectorStoreProvider Provider { get; set; } = VectorStoreProvider.Embedded;

    /// <summary>
    /// Whether a hosted application writes, finds, reads and deletes a probe record when it starts and logs the outcome. Default: true.
    /// </summary>
    /// <remarks>
    /// The probe runs in the background; a store that fails it stops nothing. On Pinecone it lists the indexes and writes nothing; in
    /// PostgreSQL it checks the connection and the extension and writes nothing.
    /// </remarks>
    public bool ProbeOnStart { get; set; } = true;

    /// <summary>Settings of the store in process. Default: a store in memory.</summary>
    public EmbeddedVectorStoreOptions Embedded { get; set; } = new();

    /// <summary>Settings of the Chroma server. Default: <c>http://localhost:8000</c>.</summary>
    public ChromaVectorStoreOptions Chroma { get; set; } = new();

    /// <summary>Settings of the store in PostgreSQL. Default: the schema <c>data_vector</c> of the registered data source.</summary>
    public PgVectorStoreOptions PgVector { get; set; } = new();

    /// <summary>Settings of Pinecone. Default: no API key, which must be set when Pinecone is used. Experimental.</summary>
    [Experimental(DiagnosticIds.Pinecone)]
    public PineconeVectorStoreOptions Pinecone { get; set; } = new();
}
