using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Data.Resilience.Sessions;

/// <summary>What became of a session: a result, a failure, or a rejection by the open circuit.</summary>
/// <typeparam name="TResult">What the work returns.</typeparam>
public readonly struct DbSessionOutcome<TResult>
{
    private readonly ExceptionDispatchInfo? _failure;
    private readonly string? _rejectedBy;

    private DbSessionOutcome(TResult? result, ExceptionDispatchInfo? failure, string? rejectedBy, TimeSpan retryAfter)
    {
        Result = result;
        _failure = failure;
        _rejectedBy = rejectedBy;
        RetryAfter = retryAfter;
    }

    /// <summary>Whether the work succeeded and, if it wrote, was committed.</summary>
    [MemberNotNullWhen(false, nameof(Exception))]
    public bool IsSuccess => _failure is null && _rejectedBy is null;

    /// <summary>Whether the open circuit rejected the session before anything was sent.</summary>
    public bool IsRejected => _rejectedBy is not null;

    /// <summary>
    /// Whether the result is that of an earlier call with the same idempotency key: the work did not run now and no hooks ran.
    /// </summary>
    public bool IsRepeated { get; private init; }

    /// <summary>Result of the work; the type's default unless <see cref="IsSuccess"/>.</summary>
    public TResult? Result { get; }

    /// <summary>Exception as it was thrown; null on success. The exception of a rejection is created on demand.</summary>
    public Exception? Exception =>
        _failure?.SourceException ?? (_rejectedBy is null ? null : new DbSessionRejectedException(_rejectedBy, RetryAfter));

    /// <summary>Time until the next probe of the open circuit; zero unless <see cref="IsRejected"/>.</summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>Returns the result or throws the failure with its original stack trace.</summary>
    /// <returns>The result.</returns>
    /// <exception cref="DbSessionRejectedException">The circuit is open.</exception>
    public TResult GetResultOrThrow()
    {
        _failure?.Throw();
        if (_rejectedBy is not null)
            throw new DbSessionRejectedException(_rejectedBy, RetryAfter);

        return Result!;
    }

    internal static DbSessionOutcome<TResult> Success(TResult result, bool isRepeated = false) =>
        new(result, failure: null, rejectedBy: null, TimeSpan.Zero) { IsRepeated = isRepeated };

    internal static DbSessionOutcome<TResult> Failure(ExceptionDispatchInfo failure) =>
        new(default, failure, rejectedBy: null, TimeSpan.Zero);

    internal static DbSessionOutcome<TResult> Rejected(string node, TimeSpan retryAfter) => new(default, failure: null, node, retryAfter);
}
