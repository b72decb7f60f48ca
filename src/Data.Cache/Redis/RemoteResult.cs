namespace Data.Cache.Redis;

/// <summary>Outcome of a call to Redis: a value, or why there is none. Failures are values because an outage makes them common.</summary>
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

    /// <summary>The client's error, a <see cref="TimeoutException"/>, or null when the call was not made because Redis is away.</summary>
    public Exception? Failure { get; }
}
