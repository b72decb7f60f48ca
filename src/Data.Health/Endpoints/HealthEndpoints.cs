using System.Collections.Concurrent;
using Data.Health.Evaluation;
using Data.Health.Groups;
using Data.Health.Liveness;
using Data.Health.Startup;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Endpoints;

/// <summary>The request delegates behind the paths.</summary>
internal sealed class HealthEndpoints(
    HealthGroups groups,
    HealthEvaluator evaluator,
    LivenessMonitor liveness,
    StartupPhase phase,
    DetailsAuthorizer authorizer,
    HealthEndpointOptions options,
    TimeProvider time)
{
    private readonly ConcurrentDictionary<string, GroupEndpoint> _named = new(StringComparer.OrdinalIgnoreCase);

    public HealthEndpointOptions Options => options;

    public RequestDelegate All() => For(groups.All, phase: null).HandleAsync;

    public RequestDelegate Ready() => For(groups.Ready, phase).HandleAsync;

    public Task LiveAsync(HttpContext context) => WordAsync(context, liveness.IsAlive);

    public Task StartupAsync(HttpContext context) => WordAsync(context, phase.IsStarted);

    /// <summary>A group or a single contributor. Unknown names are not remembered, so guessing them costs no memory.</summary>
    public Task NamedAsync(HttpContext context)
    {
        var name = (string?)context.GetRouteValue("name") ?? "";
        if (groups.Find(name) is not { } group)
            return GroupEndpoint.NotFound(context);

        return _named.GetOrAdd(group.Name, static (_, s) => s.Self.For(s.Group, phase: null), (Self: this, Group: group))
            .HandleAsync(context);
    }

    /// <summary>What the page shows, with the history; strangers get the status word as everywhere.</summary>
    public async Task PageDataAsync(HttpContext context)
    {
        await groups.All.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
        var detailed = await authorizer.MayAsync(context).ConfigureAwait(false);
        var body = detailed
            ? PageData.Write(evaluator, phase, liveness.IsAlive, groups.All.Status, time.GetUtcNow())
            : PageData.Summary(groups.All.Status, options.PageKeyHeader);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    private Task WordAsync(HttpContext context, bool good)
    {
        var status = good ? HealthStatus.Healthy : HealthStatus.Unhealthy;
        var format = FormatNegotiator.Choose(context.Request.Headers.Accept, options.DefaultFormat);
        return PreparedBody.Summary(status, format)
            .SendAsync(context, good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private GroupEndpoint For(HealthGroup group, StartupPhase? phase) => new(group, phase, authorizer, options, time);
}
