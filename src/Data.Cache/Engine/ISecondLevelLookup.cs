namespace Data.Cache.Engine;

/// <summary>The step of a flight that looks for its value in the second level.</summary>
internal interface ISecondLevelLookup
{
    /// <summary>Completes the flight when the second level holds a value for it. Returns whether it did.</summary>
    /// <exception cref="CacheUnavailableException">The second level did not answer and the outage mode is Strict.</exception>
    ValueTask<bool> TryCompleteAsync<T>(FlightRun<T> run);
}
