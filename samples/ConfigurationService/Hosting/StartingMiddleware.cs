using ConfigurationService.Errors;
using Data.Health.Startup;
using Microsoft.AspNetCore.Authorization;

namespace ConfigurationService.Hosting;

/// <summary>Turns requests away until the database is prepared; those that need none pass.</summary>
internal sealed class StartingMiddleware(RequestDelegate next, IStartupGate gate)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (gate.IsFinished || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return next(context);
        context.Response.Headers.RetryAfter = "1";
        throw new ProblemException(Problems.Starting, "The service is starting; try again in a second.");
    }
}
