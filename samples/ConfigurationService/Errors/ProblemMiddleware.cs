using System.Globalization;
using ConfigurationService.Persistence;
using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.Vector;
using Npgsql;

namespace ConfigurationService.Errors;

/// <summary>
/// Turns whatever goes wrong into a problem document. What a caller did is told in full; what happened inside is logged, and told only by
/// its code and trace id.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null })
                await WriteBareAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads the answer; the status is for the log.
            if (!context.Response.HasStarted)
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await HandleAsync(context, e);
        }
    }

    private static Task WriteBareAsync(
        HttpContext context) => WriteAsync(context, Problems.ForStatus(context.Response.StatusCode), context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => "There is nothing at this path.",
            StatusCodes.Status405MethodNotAllowed => $"Here may be used: {context.Response.Headers.Allow}.",
            StatusCodes.Status415UnsupportedMediaType => "Send the body with Content-Type: application/json.",
            _ => "The request cannot be answered.",
        });

    private Task HandleAsync(HttpContext context, Exception exception)
    {
        var (kind, detail, errors) = Describe(exception);
        if (kind.Status >= 500)
            Failed(logger, exception, context.Request.Method, context.Request.Path, kind.Code);
        if (kind == Problems.DatabaseUnavailable)
            context.Response.Headers.RetryAfter = RetryAfter(exception);
        return WriteAsync(context, kind, detail, errors);
    }

    private static (ProblemKind Kind, string Detail, IReadOnlyList<ProblemError>? Errors) Describe(Exception exception) => exception switch
    {
        ProblemException e => (e.Kind, e.Message, e.Errors),
        HistoryMissingException e => (Problems.HistoryMissing, e.Message, null),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (Problems
            .BodyTooLarge, "The body is larger than this service reads.", null),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => (Problems
            .BodyTooSlow, "The body arrived too slowly, or not to its end.", null),
        BadHttpRequestException => (Problems.BadRequest, "The request cannot be read.", null),
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } e => (Problems
            .Duplicate, $"{e.ConstraintName} allows it once.", null),
        AmbiguousCommitException => (Problems
            .OutcomeUnknown, "The connection broke while committing. Read again before you repeat the request.", null),
        DbSessionRejectedException or NpgsqlException { IsTransient: true } or TimeoutException =>
            (Problems.DatabaseUnavailable, "Try again in a few seconds.", null),
        VectorInputException e => (Problems.ValidationFailed, e.Message, null),
        VectorStoreUnavailableException or VectorStoreLockedException => (Problems
            .DocumentsUnavailable, "Try again in a few seconds.", null),
        _ => (Problems.Internal, "Something failed inside the service; the trace id finds it in the log.", null),
    };

    /// <summary>Whole seconds: those of a rejection, and two when it tells less or no end, or the database itself failed.</summary>
    private static string RetryAfter(Exception exception) =>
        exception is DbSessionRejectedException { RetryAfter: var wait } && wait > TimeSpan.FromSeconds(2)
            ? Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture)
            : "2";

    private static Task WriteAsync(HttpContext context, ProblemKind kind, string detail, IReadOnlyList<ProblemError>? errors = null)
    {
        // Headers that tell how to come back survive; what the endpoint meant to answer does not.
        context.Response.Headers.ETag = default;
        return ProblemResponse.WriteAsync(context, kind, detail, errors);
    }

    [LoggerMessage(5000, LogLevel.Error, "{Method} {Path} failed: {Code}.")]
    private static partial void Failed(ILogger logger, Exception exception, string method, string path, string code);
}
