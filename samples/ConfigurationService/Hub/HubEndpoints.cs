using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Keys;
using ConfigurationService.Persistence;

namespace ConfigurationService.Hub;

/// <summary>
/// The central configuration hub: <c>/api/v1/config/{service}</c>. It is about every tenant's services, so it takes administrators' keys.
/// </summary>
internal static class HubEndpoints
{
    private const string Service = "/{service}";

    public static void Map(IEndpointRouteBuilder app)
    {
        var hub = app.MapGroup("/api/v1/config").WithTags("Hub").AddEndpointFilter(DemandNameAsync);
        hub.MapGet(Service, ReadAsync).Needs(ApiScopes.Read, KeyReach.Administrator)
            .WithName("read_service").WithMetadata(new Conditional()).WithSummary(
                "A service's configuration").Produces<ServiceConfigView>().Produces(StatusCodes.Status304NotModified);
        hub.MapPost(Service, PublishAsync).Needs(ApiScopes.Write, KeyReach.Administrator)
            .WithName("publish_service").WithMetadata(new Conditional()).WithSummary(
                "Publishes a service's configuration")
            .WithDescription("A body without a member config is taken as the configuration itself, for callers of the old hub.")
            .Reads(HubShapes.Publish)
            .Produces<PublishView>().Produces<PublishView>(StatusCodes.Status201Created);
        hub.MapDelete(Service, DeleteAsync).Needs(ApiScopes.Write, KeyReach.Administrator)
            .WithName("delete_service").WithMetadata(new Conditional()).WithSummary(
                "Deletes a service's configuration; history keeps it").Produces(StatusCodes.Status204NoContent);
        hub.MapGet("/history" + Service, HistoryAsync).Needs(ApiScopes.Read, KeyReach.Administrator)
            .WithName("read_service_history").WithSummary("A service's changes, newest first")
            .WithMetadata(HubShapes.History).Produces<AuditPageView>();
        hub.MapGet("/history" + Service + "/verify", async (HttpContext context, string service, HubHistory history) =>
                TypedResults.Json(await history.VerifyAsync(service, context.RequestAborted), ChainJson.Default.ChainView))
            .Needs(ApiScopes.Read, KeyReach.Administrator).WithName("verify_service_history").WithSummary(
                "Checks a service's hash chain").Produces<ChainView>();
        hub.MapPost(Service + "/rollback", RollbackAsync).Needs(ApiScopes.Write, KeyReach.Administrator)
            .WithName("rollback_service").WithMetadata(new Conditional()).WithSummary(
                "Brings back an earlier version as a new one, also of a deleted service")
            .Reads(HubShapes.Rollback).Produces<PublishView>().Produces<PublishView>(StatusCodes.Status201Created)
            .ProducesKnownProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> ReadAsync(HttpContext context, string service, HubStore store)
    {
        var view = await store.ReadAsync(service, context.RequestAborted) ?? throw HubStore.Unknown(service);
        return new TaggedJson<ServiceConfigView>(view, EntityTag.OfVersion(view.Version), HubJson.Default.ServiceConfigView);
    }

    private static async Task<IResult> PublishAsync(HttpContext context, string service, HubStore store)
    {
        using var body = await JsonBody.ReadAsync(context);
        var draft = ServiceConfigDraft.Read(body, service);
        return Published(
            await store.PublishAsync(draft, EntityTag.Condition(context.Request), RequestChange.Of(context), context.RequestAborted));
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string service, HubStore store)
    {
        await store.DeleteAsync(service, EntityTag.Condition(context.Request), RequestChange.Of(context), context.RequestAborted);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> HistoryAsync(HttpContext context, string service, HubHistory history)
    {
        QueryParameters.RejectUnknown(context.Request, HubShapes.History);
        var limit = QueryParameters.Integer(context.Request, HubShapes.Limit);
        var before = HistoryCursor.Read(context.Request);
        return TypedResults.Json(await history.ReadAsync(service, limit, before, context.RequestAborted), HubJson.Default.AuditPageView);
    }

    private static async Task<IResult> RollbackAsync(HttpContext context, string service, HubStore store)
    {
        using var body = await JsonBody.ReadAsync(context);
        body.Errors.ThrowIfAny();
        var version = body.Root.Integer("version", HubShapes.Version)!.Value;
        return Published(await store.RollbackAsync(
            service,
            version,
            EntityTag.Condition(context.Request),
            RequestChange.Of(context),
            context.RequestAborted));
    }

    private static TaggedJson<PublishView> Published(PublishView view) => new(
        view, EntityTag.OfVersion(view.Version), HubJson.Default.PublishView,
        view.Status == "created" ? StatusCodes.Status201Created : StatusCodes.Status200OK);

    private static ValueTask<object?> DemandNameAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        ServiceName.Shape.Allows((string)invocation.HttpContext.Request.RouteValues["service"]!)
            ? next(invocation)
            : throw new ProblemException(Problems.InvalidParameter, ServiceName.Rule);
}
