using ConfigurationService.Encryption;
using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Keys;

namespace ConfigurationService.Providers;

/// <summary>A tenant's configuration as a whole: <c>/config/{tenant}</c>.</summary>
internal static class ProviderEndpoints
{
    private delegate ProviderPlan Planning(IReadOnlyList<ProviderRow> current, IReadOnlyList<ProviderDraft> drafts, TenantKeyring? keys);

    public static void Map(RouteGroupBuilder tenant)
    {
        tenant.MapGet("", ReadAsync).Needs(ApiScopes.Read)
            .WithName("read_tenant").WithMetadata(new Conditional()).WithSummary("A tenant's providers of every type")
            .Produces<TenantView>().Produces(StatusCodes.Status304NotModified);
        tenant.MapPost(
            "",
            (HttpContext context, string tenant, ProviderStore store) => WriteAsync(context, tenant, store, ProviderPlan.Upsert))
            .Needs(ApiScopes.Write).WithName("upsert_providers").WithMetadata(new Conditional()).WithSummary(
                "Makes or changes the providers in the body; leaves others untouched")
            .Reads(ProviderShapes.Tenant).Produces<TenantView>().Produces<TenantView>(StatusCodes.Status201Created);
        tenant.MapPut(
            "",
            (HttpContext context, string tenant, ProviderStore store) => WriteAsync(context, tenant, store, ProviderPlan.Replace))
            .Needs(ApiScopes.Write).WithName("replace_providers").WithMetadata(new Conditional()).WithSummary(
                "Replaces all providers of the tenant, atomically")
            .Reads(ProviderShapes.Tenant).Produces<TenantView>().Produces<TenantView>(StatusCodes.Status201Created);
        tenant.MapDelete("", DeleteAsync).Needs(ApiScopes.Write)
            .WithName("delete_tenant").WithMetadata(new Conditional()).WithSummary(
                "Deletes all providers of the tenant; history keeps them")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> ReadAsync(HttpContext context, string tenant, ProviderCache cache)
    {
        var view = await cache.ReadAllAsync(tenant, context.RequestAborted);
        return view.IsEmpty() ? throw Nothing(tenant) : Tagged(view);
    }

    private static async Task<IResult> WriteAsync(HttpContext context, string tenant, ProviderStore store, Planning plan)
    {
        using var body = await JsonBody.ReadAsync(context);
        var drafts = ProviderBody.ReadTenant(body, tenant);
        var result = await store.WriteAsync(
            tenant, drafts, plan.Invoke, EntityTag.Condition(context.Request), RequestChange.Of(context), context.RequestAborted);
        return Tagged(
            ProviderRow.ToTenant(tenant, result.Rows),
            result.Plan.Creates ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string tenant, ProviderStore store)
    {
        await store.WriteAsync(
            tenant, [], (rows, _, _) => rows.Count > 0 ? ProviderPlan.Delete(rows) : throw Nothing(tenant),
            EntityTag.Condition(context.Request), RequestChange.Of(context), context.RequestAborted);
        return TypedResults.NoContent();
    }

    private static TaggedJson<TenantView> Tagged(TenantView view, int status = StatusCodes.Status200OK) =>
        new(view, view.Tag(), ProviderJson.Default.TenantView, status);

    private static ProblemException Nothing(string tenant) => new(Problems.NotFound, $"The tenant '{tenant}' has no configuration.");
}
