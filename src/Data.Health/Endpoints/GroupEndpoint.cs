using Data.Health.Groups;
using Data.Health.Internal;
using Data.Health.Startup;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Endpoints;

/// <summary>
/// Answers for one group. A stranger's probe costs two reads and a prepared body; details are written at most four times a second,
/// whatever the number of callers.
/// </summary>
internal sealed class GroupEndpoint(
    HealthGroup group, StartupPhase? phase, DetailsAuthorizer authorizer, HealthEndpointOptions options, TimeProvider time)
{
    private static readonly TimeSpan DetailsLifetime = TimeSpan.FromMilliseconds(250);
    private static readonly int Formats = Enum.GetValues<HealthFormat>().Length;
    private readonly Details?[] _details = new Details?[Formats * Enum.GetValues<Visibility>().Length];

    public Task HandleAsync(HttpContext context)
    {
        if (group.HasOnDemand)
            return RefreshThenAnswerAsync(context);
        var authorized = authorizer.MayAsync(context);
        return authorized.IsCompletedSuccessfully ? Answer(context, authorized.Result) : AnswerAsync(context, authorized);
    }

    /// <summary>The response to whoever asks for what does not exist, or must not know that it does.</summary>
    public static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }

    private async Task RefreshThenAnswerAsync(HttpContext context)
    {
        await group.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
        await AnswerAsync(context, authorizer.MayAsync(context)).ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context, ValueTask<bool> authorized) =>
        await Answer(context, await authorized.ConfigureAwait(false)).ConfigureAwait(false);

    private Task Answer(HttpContext context, bool authorized)
    {
        var visibility = authorized ? Visibility.Details : options.ShowNames ? Visibility.Names : Visibility.Word;
        if (visibility == Visibility.Word && group.IsContributor)
            return NotFound(context);
        var status = phase is { IsOpen: false } ? HealthStatus.Unhealthy : group.Status;
        var format = FormatNegotiator.Choose(context.Request.Headers.Accept, options.DefaultFormat);
        var body = visibility == Visibility.Word ? PreparedBody.Summary(status, format) : BodyOf(status, format, visibility);
        return body.SendAsync(context, group.CodeOf(status));
    }

    private PreparedBody BodyOf(HealthStatus status, HealthFormat format, Visibility visibility)
    {
        ref var slot = ref _details[(int)format + (Formats * (int)visibility)];
        var now = time.GetTimestamp();
        if (Volatile.Read(ref slot) is { } ready && ready.Status == status && time.GetElapsedTime(ready.WrittenAt, now) < DetailsLifetime)
            return ready.Body;

        var contributors = group.Members.ToArray().Select(m => m.Read(now)).ToList();
        IReadOnlyList<string> notes = visibility == Visibility.Details && phase is not null ? phase.Notes : [];
        var body = PreparedBody.Of(new HealthReport(status, visibility, contributors, notes), format);
        Volatile.Write(ref slot, new Details(status, now, body));
        return body;
    }

    private sealed record Details(HealthStatus Status, long WrittenAt, PreparedBody Body);
}
