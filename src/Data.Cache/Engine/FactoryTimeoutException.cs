namespace Data.Cache.Engine;

/// <summary>The hard time-out of a factory, told apart from a <see cref="TimeoutException"/> that the factory throws.</summary>
internal sealed class FactoryTimeoutException(TimeSpan limit, Exception cause)
    : TimeoutException($"The factory exceeded its hard time-out of {limit}.", cause);
