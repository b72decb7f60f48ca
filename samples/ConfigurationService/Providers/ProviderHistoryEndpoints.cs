using ConfigurationService.Http;
using ConfigurationService.Keys;
using ConfigurationService.Persistence;

namespace ConfigurationService.Providers;

/// <summary>A tenant's history: reading, checking and going back.</summary>
internal static class ProviderHistoryEndpoints
{
    public static void Map(RouteGroupBuilder tenant)
    {
        tenant.MapGet("/history", ReadAsync).Needs(ApiScopes.Read)
            .WithName("read_history").WithSummary("The tenant's changes, newest first; secrets are masked")
            .WithMetadata(HistoryQuery.Parameters)
            .Produces<HistoryPageView>();
        tenant.MapGet("/history/verify", VerifyAsync).Needs(ApiScopes.Read)
            .WithName("verify_history").WithSummary("Checks the tenant's hash chain")
            .Produces<ChainView>();
        tenant.MapPost("/rollback", RollbackAsync).Needs(ApiScopes.Write)
            .WithName("rollback_provider").WithMetadata(new Conditional()).WithSummary(
                "Brings back an earlier version as a new one, also of a deleted provider")
            .Reads(ProviderShapes.Rollback).Produces<ProviderView>().ProducesKnownProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> ReadAsync(HttpContext context, string tenant, ProviderHistory history)
    {
        var page = await history.ReadAsync(tenant, HistoryQuery.Read(context.Request), context.RequestAborted);
        return TypedResults.Json(page, ProviderJson.Default.HistoryPageView);
    }

    private static async Task<IResult> VerifyAsync(HttpContext context, string tenant, ProviderHistory history) =>
        TypedResults.Json(await history.VerifyAsync(tenant, context.RequestAborted), ChainJson.Default.ChainView);

    private static async Task<IResult> RollbackAsync(HttpContext context, string tenant, ProviderStore store)
    {
        using var body = await JsonBody.ReadAsync(context);
        var (configId, version) = ReadBody(body);
        var result = await store.RollbackAsync(
            tenant, configId, version, EntityTag.Condition(context.Request), RequestChange.Of(context), context.RequestAborted);
        var target = result.Plan.Upserts[0];
        var view = result.View(target.Type, target.Name);
        return new TaggedJson<ProviderView>(view, EntityTag.OfVersion(view.Version), ProviderJson.Default.ProviderView);
    }

    private static (Guid ConfigId, int Version) ReadBody(JsonBody body)
    {
        body.Errors.ThrowIfAny();
        return (Guid.Parse(body.Root.Text("config_id")!), body.Root.Integer("version", ProviderShapes.Version)!.Value);
    }
}
