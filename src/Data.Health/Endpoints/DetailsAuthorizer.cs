using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Health.Endpoints;

/// <summary>The application's own answer to who sees details.</summary>
internal sealed record DetailsDelegate(Func<HttpContext, ValueTask<bool>> Authorize);

/// <summary>Decides whether a request sees more than the status word.</summary>
internal sealed class DetailsAuthorizer(HealthEndpointOptions options, IServiceProvider services)
{
    private readonly DetailsDelegate? _delegate = services.GetServices<DetailsDelegate>().LastOrDefault();

    public ValueTask<bool> MayAsync(HttpContext context) => options.Details switch
    {
        HealthDetails.Never => ValueTask.FromResult(false),
        HealthDetails.Always => ValueTask.FromResult(true),
        _ when _delegate is not null => AskAsync(context, _delegate),
        _ when !IsAuthenticated(context) => ValueTask.FromResult(false),
        _ when options.AuthorizationPolicy is { } policy => MeetsAsync(context, policy),
        _ => ValueTask.FromResult(true),
    };

    /// <summary>Asks the feature, because <see cref="HttpContext.User"/> would make an anonymous principal for every probe.</summary>
    private static bool IsAuthenticated(HttpContext context) =>
        context.Features.Get<IHttpAuthenticationFeature>()?.User?.Identity is { IsAuthenticated: true };

    /// <summary>A check of credentials that fails must not fail the probe: whoever cannot be recognised is a stranger.</summary>
    private static async ValueTask<bool> AskAsync(HttpContext context, DetailsDelegate ask)
    {
        try
        {
            return await ask.Authorize(context).ConfigureAwait(false);
        }
        catch (Exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async ValueTask<bool> MeetsAsync(HttpContext context, string policy)
    {
        var service = context.RequestServices.GetRequiredService<IAuthorizationService>();
        var result = await service.AuthorizeAsync(context.User, resource: null, policy).ConfigureAwait(false);
        return result.Succeeded;
    }
}
