using ConfigurationService.Errors;
using ConfigurationService.Settings;
using Npgsql;

namespace ConfigurationService.Hosting;

/// <summary>
/// Ends every request within <c>Limits:RequestSeconds</c>: whatever a dependency does, a caller soon hears that it cannot be answered.
/// </summary>
internal sealed class DeadlineMiddleware(RequestDelegate next, LimitSettings limits, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var caller = context.RequestAborted;
        using var deadline = new CancellationTokenSource(limits.RequestTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(caller, deadline.Token);
        context.RequestAborted = either.Token;
        try
        {
            await next(context);
        }
        catch (Exception e) when (IsCancelled(e) && deadline.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            context.Response.Headers.RetryAfter = "2";
            throw new ProblemException(
                Problems.DeadlineExceeded,
                $"There was no answer within {limits.RequestTime.TotalSeconds:0} seconds. Nothing was written, unless it was about to be "
                + "committed: read again before you repeat a write.",
                inner: e);
        }
        finally
        {
            context.RequestAborted = caller;
        }
    }

    // The driver tells of a cancelled statement in its own words where it cannot cancel in order.
    private static bool IsCancelled(Exception exception) => exception is OperationCanceledException or NpgsqlException or TimeoutException;
}
