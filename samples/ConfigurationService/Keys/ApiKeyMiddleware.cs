using ConfigurationService.Errors;
using Microsoft.AspNetCore.Authorization;

namespace ConfigurationService.Keys;

/// <summary>
/// Lets a request through to its endpoint when its key may go there. Nothing is open by omission: only endpoints marked anonymous are
/// reached without a key, and an endpoint without an <see cref="AccessRule"/> by no key at all.
/// </summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, ApiKeyDirectory directory, OperatorKeys operators)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            await next(context);
            return;
        }

        var caller = await IdentifyAsync(context, endpoint?.Metadata.GetMetadata<AccessRule>());
        context.Features.Set(caller);
        // Routing answers a wrong method or media type by an endpoint of its own, which is no route and shows nothing.
        if (endpoint is RouteEndpoint)
            Demand(context, endpoint, caller);
        await next(context);
    }

    private async ValueTask<Caller> IdentifyAsync(HttpContext context, AccessRule? rule)
    {
        if (ApiKeyHeader.Read(context.Request) is not { } key)
            throw Unauthorized(context, Problems.KeyMissing, $"Send your key in the header {ApiKeyHeader.Name}.");
        var caller = rule?.Reach == KeyReach.Operator ? operators.Find(key) : await directory.FindAsync(key, context.RequestAborted);
        return caller ?? throw Unauthorized(context, Problems.KeyInvalid, "The key is unknown, deleted or expired.");
    }

    private static void Demand(HttpContext context, Endpoint endpoint, Caller caller)
    {
        var rule = endpoint.Metadata.GetMetadata<AccessRule>();
        var tenant = context.GetRouteValue("tenant") as string;
        var reached = rule?.Reach switch
        {
            KeyReach.Anyone => true,
            KeyReach.Administrator or KeyReach.Operator => caller.Tenant is null,
            // A route without a tenant can belong to none.
            KeyReach.TenantOfPath => tenant is not null && (caller.Tenant is null || caller.Tenant == tenant),
            _ => false,
        };
        // The answer to someone else's path is that of a path that does not exist: no hint that there is something.
        if (!reached)
            throw new ProblemException(Problems.NotFound, "There is nothing at this path.");
        if (!caller.Scopes.HasFlag(rule!.Scope))
        {
            throw new ProblemException(
                Problems.ScopeMissing,
                $"The key '{caller.Name}' lacks the scope '{ApiScopeNames.Of(rule.Scope)[0]}'.");
        }
    }

    private static ProblemException Unauthorized(HttpContext context, ProblemKind kind, string detail)
    {
        context.Response.Headers.WWWAuthenticate = "ApiKey";
        return new ProblemException(kind, detail);
    }
}
