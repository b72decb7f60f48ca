using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Keys;
using Data.Vector;

namespace ConfigurationService.Documents;

/// <summary>
/// Documents and their search: <c>/documents</c>. A key reaches the documents of its tenant, an administrator's those of the
/// administrators.
/// </summary>
internal static class DocumentEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var documents = app.MapGroup("/documents").WithTags("Documents");
        documents.MapPost("", WriteAsync).Needs(ApiScopes.Write, KeyReach.Anyone)
            .WithName("write_documents").WithSummary("Stores documents for similarity search")
            .Reads(DocumentBody.Documents).Produces<DocumentsWritten>();
        documents.MapPost("/search", SearchAsync).Needs(ApiScopes.Read, KeyReach.Anyone)
            .WithName("search_documents").WithSummary("The documents most like a text")
            .Reads(DocumentBody.Search).Produces<DocumentMatches>();
        documents.MapDelete("/{id}", DeleteAsync).Needs(ApiScopes.Write, KeyReach.Anyone)
            .WithName("delete_document").WithSummary("Deletes a document").Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> WriteAsync(HttpContext context, DocumentStore store)
    {
        using var body = await JsonBody.ReadAsync(context);
        var records = DocumentBody.ReadDocuments(body);
        await store.WriteAsync(Caller.Of(context).Tenant, records, context.RequestAborted);
        return TypedResults.Json(new DocumentsWritten([.. records.Select(static r => r.Id)]), DocumentJson.Default.DocumentsWritten);
    }

    private static async Task<IResult> SearchAsync(HttpContext context, DocumentStore store)
    {
        using var body = await JsonBody.ReadAsync(context);
        var matches = await store.SearchAsync(Caller.Of(context).Tenant, DocumentBody.ReadSearch(body), context.RequestAborted);
        return TypedResults.Json(new DocumentMatches([.. Answered(matches)]), DocumentJson.Default.DocumentMatches);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, DocumentStore store) =>
        DocumentBody.Id.Allows(id) && await store.DeleteAsync(Caller.Of(context).Tenant, id, context.RequestAborted)
            ? TypedResults.NoContent()
            : throw new ProblemException(Problems.NotFound, "There is no such document.");

    // The nearest ones, as far as their texts are of the size of an answer.
    private static IEnumerable<DocumentMatch> Answered(IReadOnlyList<VectorMatch> matches)
    {
        var characters = 0;
        return matches.TakeWhile(match => (characters += match.Document?.Length ?? 0) - (match.Document?.Length ?? 0)
            <= AnswerSize.PageCharacters).Select(View);
    }

    private static DocumentMatch View(VectorMatch match) => new(
        match.Id, match.Document, match.Similarity,
        match.Metadata.ToDictionary(static m => m.Key, static m => Json(m.Value), StringComparer.Ordinal));

    private static JsonElement Json(MetadataValue value) => value.Kind switch
    {
        MetadataValueKind.Text => JsonSerializer.SerializeToElement(value.AsString(), DocumentJson.Default.String),
        MetadataValueKind.WholeNumber => JsonSerializer.SerializeToElement(value.AsInt64(), DocumentJson.Default.Int64),
        MetadataValueKind.Number => JsonSerializer.SerializeToElement(value.AsDouble(), DocumentJson.Default.Double),
        MetadataValueKind.Boolean => JsonSerializer.SerializeToElement(value.AsBoolean(), DocumentJson.Default.Boolean),
        _ => default,
    };
}
