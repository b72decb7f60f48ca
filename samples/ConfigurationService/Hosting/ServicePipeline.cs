using ConfigurationService.Documents;
using ConfigurationService.Errors;
using ConfigurationService.Hub;
using ConfigurationService.Keys;
using ConfigurationService.Observability;
using ConfigurationService.Providers;
using ConfigurationService.Providers.Catalogue;
using ConfigurationService.Settings;

namespace ConfigurationService.Hosting;

/// <summary>What a request passes, in order, and where it may go.</summary>
internal static class ServicePipeline
{
    public static void UseConfigurationService(this WebApplication app, ServiceSettings settings)
    {
        app.UseRouting();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<AddressMiddleware>();
        app.UseMiddleware<DeadlineMiddleware>();
        if (settings.Web.CorsOrigins.Count > 0)
            app.UseCors();
        app.UseMiddleware<StartingMiddleware>();
        app.UseMiddleware<ApiKeyMiddleware>();

        app.MapDataHealth();
        app.MapOpenApi().AllowAnonymous();
        RootPage.Map(app, settings);
        MapCalls(app);
    }

    private static void MapCalls(WebApplication app)
    {
        var calls = app.MapGroup("");
        ((IEndpointConventionBuilder)calls).Finally(DeclaredProblems.AddTo);
        ((IEndpointConventionBuilder)calls).Finally(HeadRequests.Allow);
        MetricsEndpoint.Map(calls);
        CatalogueEndpoints.Map(calls);
        var tenant = calls.MapGroup("/config/{tenant}").WithTags("Providers").AddEndpointFilter(DemandTenantAsync);
        ProviderEndpoints.Map(tenant);
        ProviderHistoryEndpoints.Map(tenant);
        OneProviderEndpoints.Map(tenant);
        HubEndpoints.Map(calls);
        KeyEndpoints.Map(calls);
        DocumentEndpoints.Map(calls);
    }

    private static ValueTask<object?> DemandTenantAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        Http.TenantName.Demand((string)invocation.HttpContext.Request.RouteValues["tenant"]!);
        return next(invocation);
    }
}
