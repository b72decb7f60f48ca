using System.Text.Json;
using Data.Vector.Remote;

namespace Data.Vector.Chroma;

/// <summary>The body of a <c>get</c> or a <c>query</c>.</summary>
internal sealed record ChromaQuery
{
    public IReadOnlyList<string>? Ids { get; init; }

    public ChromaFilter Filter { get; init; }

    /// <summary>The vectors searched for; null for a <c>get</c>.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>>? Vectors { get; init; }

    /// <summary>Matches per vector.</summary>
    public int Count { get; init; }

    public bool IncludeMetadata { get; init; } = true;

    public bool IncludeDocuments { get; init; } = true;

    public bool IncludeVectors { get; init; }

    /// <summary>Only the ids: what costs the server least.</summary>
    public static ChromaQuery IdsOnly { get; } = new() { IncludeMetadata = false, IncludeDocuments = false };

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (Ids is not null)
            JsonIds.Write(writer, Ids);

        WriteClause(writer, "where", Filter.Where);
        WriteClause(writer, "where_document", Filter.Document);
        if (Vectors is not null)
        {
            writer.WriteNumber("n_results", Count);
            writer.WriteStartArray("query_embeddings");
            foreach (var vector in Vectors)
            {
                // Queries, unlike writes, are refused in base64.
                ChromaWrite.WriteVector(writer, vector.Span, base64: false);
            }

            writer.WriteEndArray();
        }

        writer.WriteStartArray("include");
        Include(writer, "metadatas", IncludeMetadata);
        Include(writer, "documents", IncludeDocuments);
        Include(writer, "embeddings", IncludeVectors);
        Include(writer, "distances", Vectors is not null);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteClause(Utf8JsonWriter writer, string name, WhereClause? clause)
    {
        if (clause is not null)
        {
            writer.WritePropertyName(name);
            clause.WriteTo(writer);
        }
    }

    private static void Include(Utf8JsonWriter writer, string name, bool include)
    {
        if (include)
            writer.WriteStringValue(name);
    }
}
