using Data.Health.Endpoints;
using Data.Health.Internal;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Data.Health.DependencyInjection;

/// <summary>
/// Checks once everything is mapped whether the conventions on the endpoints can work. One that cannot would answer 500 to every probe, and
/// an orchestrator would restart the process for ever: the start fails instead.
/// </summary>
internal sealed class EndpointsAtStart(IServiceProvider services, HealthEndpointOptions options, ILogger<EndpointsAtStart> logger)
    : IHostedLifecycleService
{
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var errors = new List<string>();
        if (options.AuthorizationPolicy is { } policy && services.GetService<DetailsDelegate>() is null)
            errors.AddRange(await PolicyErrorsAsync(policy).ConfigureAwait(false));

        // Absent in a host without routing, which then serves nothing.
        var endpoints = services.GetService<EndpointDataSource>()?.Endpoints.OfType<RouteEndpoint>().ToList() ?? [];
        foreach (var endpoint in endpoints.Where(e => e.Metadata.GetMetadata<HealthEndpoint>() is not null))
        {
            errors.AddRange(await ConventionErrorsAsync(endpoint).ConfigureAwait(false));
            WarnOfTwin(endpoint, endpoints);
        }

        if (errors.Count > 0)
            throw new OptionsValidationException("MapDataHealth", typeof(HealthEndpointOptions), errors.Distinct(StringComparer.Ordinal));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<IEnumerable<string>> PolicyErrorsAsync(string policy)
    {
        var provider = services.GetService<IAuthorizationPolicyProvider>();
        if (provider is null)
            return [$"Endpoints: AuthorizationPolicy is '{policy}', but authorization is not registered; call AddAuthorization."];
        return await provider.GetPolicyAsync(policy).ConfigureAwait(false) is null
            ? [$"Endpoints: AuthorizationPolicy is '{policy}', which is not registered; add it with AddAuthorization."]
            : [];
    }

    private async Task<IEnumerable<string>> ConventionErrorsAsync(RouteEndpoint endpoint) =>
    [
        .. await AuthorizationErrorsAsync(endpoint).ConfigureAwait(false),
        .. await CorsErrorsAsync(endpoint.Metadata).ConfigureAwait(false),
        .. RateLimitingErrors(endpoint.Metadata),
    ];

    private async Task<IEnumerable<string>> AuthorizationErrorsAsync(RouteEndpoint endpoint)
    {
        if (!ShortCircuiting.IsProtected(endpoint.Metadata))
            return [];
        if (services.GetService<IAuthorizationPolicyProvider>() is not { } provider)
            return ["MapDataHealth: RequireAuthorization needs services.AddAuthorization()."];
        var data = endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>();
        foreach (var name in data.Select(d => d.Policy).OfType<string>().Where(n => n.Length > 0))
        {
            if (await provider.GetPolicyAsync(name).ConfigureAwait(false) is null)
                return [$"MapDataHealth: RequireAuthorization names the policy '{name}', which is not registered."];
        }

        var policy = await AuthorizationPolicy
            .CombineAsync(provider, data, endpoint.Metadata.GetOrderedMetadata<AuthorizationPolicy>()).ConfigureAwait(false);
        var schemes = services.GetService<IAuthenticationSchemeProvider>();
        var challenge = schemes is null ? null : await schemes.GetDefaultChallengeSchemeAsync().ConfigureAwait(false);
        return policy is { AuthenticationSchemes.Count: 0 } && challenge is null
            ? ["MapDataHealth: RequireAuthorization needs an authentication scheme to challenge callers with; call AddAuthentication."]
            : [];
    }

    private async Task<IEnumerable<string>> CorsErrorsAsync(EndpointMetadataCollection metadata)
    {
        if (metadata.GetMetadata<ICorsMetadata>() is not { } cors)
            return [];
        if (services.GetService<ICorsPolicyProvider>() is not { } provider)
            return ["MapDataHealth: RequireCors needs services.AddCors() and app.UseCors()."];
        var named = cors as IEnableCorsAttribute;
        var context = new DefaultHttpContext { RequestServices = services };
        return named is not null && await provider.GetPolicyAsync(context, named.PolicyName).ConfigureAwait(false) is null
            ? [$"MapDataHealth: RequireCors names the policy '{named.PolicyName ?? "(default)"}', which is not registered."]
            : [];
    }

    private IEnumerable<string> RateLimitingErrors(EndpointMetadataCollection metadata) =>
        metadata.GetMetadata<EnableRateLimitingAttribute>() is not null
        && !services.GetServices<IConfigureOptions<RateLimiterOptions>>().Any()
            ? ["MapDataHealth: RequireRateLimiting needs services.AddRateLimiter(…) and app.UseRateLimiter()."]
            : [];

    /// <summary>Two endpoints on one path are no error to routing: the one that names its methods is chosen, without a word.</summary>
    private void WarnOfTwin(RouteEndpoint endpoint, List<RouteEndpoint> all)
    {
        var path = endpoint.RoutePattern.RawText?.TrimStart('/');
        var twin = all.Find(e => e.Metadata.GetMetadata<HealthEndpoint>() is null
            && string.Equals(e.RoutePattern.RawText?.TrimStart('/'), path, StringComparison.OrdinalIgnoreCase));
        if (twin is not null)
        {
            var setting = endpoint.Metadata.GetMetadata<HealthEndpoint>()!.Setting;
            HealthLog.PathServedTwice(logger, "/" + path, twin.DisplayName ?? "another endpoint", setting);
        }
    }
}
