namespace Data.Cache.Redis;

/// <summary>Result of a call to Redis: a value or a failure. Failures are not thrown because an outage makes them common.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
internal readonly struct RemoteResult<T>
{
    public RemoteResult(T value)
    {
        Value = value;
        Succeeded = true;
    }

    public RemoteResult(Exception? failure)
    {
        Value = default!;
        Failure = failure;
    }

    public bool Succeeded { get; }

    public T Value { get; }

    /// <summary>
    /// The client's exception, a <see cref="TimeoutException"/>, or null when the call was not made because Redis is disconnected.
    /// </summary>
    public Exception? Failure { get; }
}
