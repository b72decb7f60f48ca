using ConfigurationService.Encryption;
using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Keys;

namespace ConfigurationService.Providers;

/// <summary>One provider of a tenant: <c>/config/{tenant}/{type}/{name}</c>.</summary>
internal static class OneProviderEndpoints
{
    private const string Path = "/{type}/{name}";

    public static void Map(RouteGroupBuilder tenant)
    {
        var one = tenant.MapGroup(Path).AddEndpointFilter(DemandPathAsync);
        one.MapGet("", ReadAsync).Needs(ApiScopes.Read).WithName("read_provider").WithMetadata(new Conditional())
            .WithSummary("One provider")
            .Produces<ProviderView>()
            .Produces(StatusCodes.Status304NotModified);
        one.MapPut("", PutAsync).Needs(ApiScopes.Write).WithName("put_provider").WithMetadata(new Conditional())
            .WithSummary("Makes the provider what the body says; what it does not say gets its default, secrets stay")
            .Reads(ProviderShapes.One)
            .Produces<ProviderView>()
            .Produces<ProviderView>(StatusCodes.Status201Created);
        one.MapPatch("", PatchAsync).Needs(ApiScopes.Write).WithName("patch_provider").WithMetadata(new Conditional())
            .WithSummary("Changes the members in the body; config is merged as RFC 7396 says")
            .Reads(ProviderShapes.One, MediaType.Json, MediaType.MergePatch)
            .Produces<ProviderView>();
        one.MapDelete("", DeleteAsync).Needs(ApiScopes.Write).WithName("delete_provider").WithMetadata(new Conditional())
            .WithSummary("Deletes the provider; history keeps it")
            .Produces(StatusCodes.Status204NoContent);
        one.MapPost("/enable", (HttpContext context, string tenant, string type, string name, ProviderStore store) =>
                SwitchAsync(context, tenant, type, name, store, enabled: true))
            .Needs(ApiScopes.Write).WithName("enable_provider").WithMetadata(new Conditional()).WithSummary(
                "Enables the provider").Produces<ProviderView>();
        one.MapPost("/disable", (HttpContext context, string tenant, string type, string name, ProviderStore store) =>
                SwitchAsync(context, tenant, type, name, store, enabled: false))
            .Needs(ApiScopes.Write).WithName("disable_provider").WithMetadata(new Conditional()).WithSummary(
                "Disables the provider").Produces<ProviderView>();
    }

    private static async Task<IResult> ReadAsync(HttpContext context, string tenant, string type, string name, ProviderCache cache)
    {
        var list = await cache.ReadAsync(tenant, type, context.RequestAborted);
        return Tagged(list.Providers.FirstOrDefault(p => p.ProviderName == name) ?? throw Nothing(type, name));
    }

    private static async Task<IResult> PutAsync(HttpContext context, string tenant, string type, string name, ProviderStore store)
    {
        using var body = await JsonBody.ReadAsync(context);
        var draft = ProviderBody.ReadOne(body, type, name);
        return await WriteAsync(context, tenant, draft, store, (row, keys) => ProviderPlan.ReplaceOne(row, draft, keys));
    }

    private static async Task<IResult> PatchAsync(HttpContext context, string tenant, string type, string name, ProviderStore store)
    {
        using var body = await JsonBody.ReadAsync(context);
        var draft = ProviderBody.ReadOne(body, type, name);
        return await WriteAsync(
            context,
            tenant,
            draft,
            store,
            (row, keys) => ProviderPlan.Patch(row ?? throw Nothing(type, name), draft, keys));
    }

    private static Task<IResult> SwitchAsync(
        HttpContext context,
        string tenant,
        string type,
        string name,
        ProviderStore store,
        bool enabled)
    {
        var draft = ProviderDraft.Switch(type, name, enabled);
        return WriteAsync(context, tenant, draft, store, (row, keys) => ProviderPlan.Patch(row ?? throw Nothing(type, name), draft, keys));
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string tenant, string type, string name, ProviderStore store)
    {
        await store.WriteOneAsync(
            tenant, ProviderDraft.Empty(type, name), (row, _) => ProviderPlan.Delete([row ?? throw Nothing(type, name)]),
            EntityTag.Condition(context.Request), RequestChange.Of(context), context.RequestAborted);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> WriteAsync(
        HttpContext context, string tenant, ProviderDraft draft, ProviderStore store, Func<ProviderRow?, TenantKeyring?, ProviderPlan> plan)
    {
        var result = await store.WriteOneAsync(
            tenant, draft, plan, EntityTag.Condition(context.Request), RequestChange.Of(context), context.RequestAborted);
        return Tagged(result.View(draft.Type, draft.Name), result.Plan.Creates ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static ValueTask<object?> DemandPathAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var values = invocation.HttpContext.Request.RouteValues;
        var (type, name) = ((string)values["type"]!, (string)values["name"]!);
        ProviderTypes.Demand(type);
        if (!ProviderName.Shape.Allows(name))
            throw new ProblemException(Problems.InvalidParameter, ProviderName.Rule);
        return next(invocation);
    }

    private static TaggedJson<ProviderView> Tagged(ProviderView view, int status = StatusCodes.Status200OK) =>
        new(view, EntityTag.OfVersion(view.Version), ProviderJson.Default.ProviderView, status);

    private static ProblemException Nothing(string type, string name) => new(Problems.NotFound, $"There is no provider {type}/{name}.");
}
