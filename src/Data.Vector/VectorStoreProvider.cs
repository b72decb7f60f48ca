using System.Diagnostics.CodeAnalysis;

namespace Data.Vector;

/// <summary>The store that an application uses.</summary>
public enum VectorStoreProvider
{
    /// <summary>In process: <see cref="EmbeddedVectorStore"/>.</summary>
    Embedded = 0,

    /// <summary>A Chroma server: <see cref="ChromaVectorStore"/>.</summary>
    Chroma = 1,

    /// <summary>Pinecone: <see cref="PineconeVectorStore"/>. Experimental.</summary>
    [Experimental(DiagnosticIds.Pinecone)]
    Pinecone = 2,

    /// <summary>PostgreSQL with the extension pgvector: <see cref="PgVectorStore"/>.</summary>
    PgVector = 3,
}
