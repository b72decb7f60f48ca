using Data.Health.Internal;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Health.Endpoints;

/// <summary>The application's own answer to who sees details.</summary>
internal sealed record DetailsDelegate(Func<HttpContext, ValueTask<bool>> Authorize);

/// <summary>
/// Decides whether a request sees more than the status word, within a time limit: whoever cannot be recognised in time is a stranger, so
/// that a store of credentials that is down delays no response.
/// </summary>
internal sealed class DetailsAuthorizer(HealthEndpointOptions options, IServiceProvider services, TimeProvider time)
{
    private readonly DetailsDelegate? _delegate = services.GetServices<DetailsDelegate>().LastOrDefault();

    public ValueTask<bool> MayAsync(HttpContext context) => options.Details switch
    {
        HealthDetails.Never => ValueTask.FromResult(false),
        HealthDetails.Always => ValueTask.FromResult(true),
        _ when _delegate is not null => WithinAsync(context, _delegate.Authorize),
        _ when !IsAuthenticated(context) => ValueTask.FromResult(false),
        _ when options.AuthorizationPolicy is { } policy => WithinAsync(context, c => MeetsAsync(c, policy)),
        _ => ValueTask.FromResult(true),
    };

    /// <summary>Asks the feature, because <see cref="HttpContext.User"/> would make an anonymous principal for every probe.</summary>
    private static bool IsAuthenticated(HttpContext context) =>
        context.Features.Get<IHttpAuthenticationFeature>()?.User?.Identity is { IsAuthenticated: true };

    private static async ValueTask<bool> MeetsAsync(HttpContext context, string policy)
    {
        var service = context.RequestServices.GetRequiredService<IAuthorizationService>();
        var result = await service.AuthorizeAsync(context.User, resource: null, policy).ConfigureAwait(false);
        return result.Succeeded;
    }

    private ValueTask<bool> WithinAsync(HttpContext context, Func<HttpContext, ValueTask<bool>> ask)
    {
        var aborted = context.RequestAborted;
        var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        context.RequestAborted = limit.Token;
        ValueTask<bool> asked;
        try
        {
            asked = ask(context);
        }
        catch (Exception)
        {
            asked = ValueTask.FromResult(false);
        }

        if (!asked.IsCompletedSuccessfully)
            return WaitAsync(context, asked.AsTask(), limit, aborted);
        context.RequestAborted = aborted;
        limit.Dispose();
        return asked;
    }

    private async ValueTask<bool> WaitAsync(HttpContext context, Task<bool> asked, CancellationTokenSource limit, CancellationToken aborted)
    {
        try
        {
            return await asked.WaitAsync(options.AuthorizationTimeout, time, aborted).ConfigureAwait(false);
        }
        catch (Exception) when (!aborted.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            context.RequestAborted = aborted;
            _ = Abandoned.EndAsync(asked, limit);
        }
    }
}
