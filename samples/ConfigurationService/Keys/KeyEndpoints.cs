using ConfigurationService.Http;

namespace ConfigurationService.Keys;

/// <summary>Administration of keys: <c>/admin/keys</c>.</summary>
internal static class KeyEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/admin/keys").WithTags("Keys");
        keys.MapGet("", async (HttpContext context, ApiKeyStore store) =>
                TypedResults.Json(new KeyListView(await store.ListAsync(context.RequestAborted)), KeyJson.Default.KeyListView))
            .Needs(ApiScopes.Admin, KeyReach.Administrator).WithName("list_keys").WithSummary(
                "All keys, without their texts").Produces<KeyListView>();
        keys.MapPost("", CreateAsync)
            .Needs(ApiScopes.Admin, KeyReach.Administrator).WithName("create_key").WithSummary(
                "Makes a key; the answer is the only one that shows it")
            .Reads(NewKeyRequest.Shape).Produces<NewKeyView>(StatusCodes.Status201Created);
        keys.MapDelete("/{id:guid}", async (HttpContext context, Guid id, ApiKeyStore store) =>
            {
                await store.DeleteAsync(id, context.RequestAborted);
                return TypedResults.NoContent();
            })
            .Needs(ApiScopes.Admin, KeyReach.Administrator).WithName("delete_key").WithSummary(
                "Deletes a key; at once here, within Cache:KeyTtlSeconds on other instances")
            .Produces(StatusCodes.Status204NoContent).ProducesKnownProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, ApiKeyStore store)
    {
        using var body = await JsonBody.ReadAsync(context);
        var created = await store.CreateAsync(NewKeyRequest.Read(body), Caller.Of(context), context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Location = $"/admin/keys/{created.Id}";
        return TypedResults.Json(created, KeyJson.Default.NewKeyView, statusCode: StatusCodes.Status201Created);
    }
}
