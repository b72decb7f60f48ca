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
    HealthGroup group, StartupPhase? phase, DetailsAuthorizer authorizer, HealthFormat defaultFormat, TimeProvider time)
{
    private static readonly TimeSpan DetailsLifetime = TimeSpan.FromMilliseconds(250);
    private readonly Details?[] _details = new Details?[Enum.GetValues<HealthFormat>().Length];

    public Task HandleAsync(HttpContext context)
    {
        if (group.HasOnDemand)
            return RefreshThenAnswerAsync(context);
        var authorized = authorizer.MayAsync(context);
        return authorized.IsCompletedSuccessfully ? Answer(context, authorized.Result) : AnswerAsync(context, authorized);
    }

    private async Task RefreshThenAnswerAsync(HttpContext context)
    {
        await group.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
        await AnswerAsync(context, authorizer.MayAsync(context)).ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context, ValueTask<bool> authorized) =>
        await Answer(context, await authorized.ConfigureAwait(false)).ConfigureAwait(false);

    private Task Answer(HttpContext context, bool detailed)
    {
        var status = phase is { IsOpen: false } ? HealthStatus.Unhealthy : group.Status;
        var format = FormatNegotiator.Choose(context.Request.Headers.Accept, defaultFormat);
        var body = detailed ? DetailsOf(status, format) : PreparedBody.Summary(status, format);
        return body.SendAsync(context, group.CodeOf(status));
    }

    private PreparedBody DetailsOf(HealthStatus status, HealthFormat format)
    {
        ref var slot = ref _details[(int)format];
        var now = time.GetTimestamp();
        if (Volatile.Read(ref slot) is { } ready && ready.Status == status && time.GetElapsedTime(ready.WrittenAt, now) < DetailsLifetime)
            return ready.Body;

        var contributors = group.Members.ToArray().Select(m => m.Read(now)).ToList();
        var body = PreparedBody.Of(new HealthReport(status, contributors, phase?.Notes ?? []), format);
        Volatile.Write(ref slot, new Details(status, now, body));
        return body;
    }

    private sealed record Details(HealthStatus Status, long WrittenAt, PreparedBody Body);
}
