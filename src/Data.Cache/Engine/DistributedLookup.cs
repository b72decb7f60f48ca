namespace Data.Cache.Engine;

/// <summary>Looks for the value of a flight in a distributed cache.</summary>
internal sealed class DistributedLookup(DistributedLevel level, RemoteReader reader, LookupOutcome outcome) : ISecondLevelLookup
{
    /// <inheritdoc/>
    public async ValueTask<bool> TryCompleteAsync<T>(FlightRun<T> run)
    {
        if (!run.Spec.ReadsRemote)
            return false;
        var answer = await run.Budget.SpendAsync(level.GetAsync(run.Name, run.Budget.Left, run.Flight.Token)).ConfigureAwait(false);
        if (!answer.Succeeded)
            level.ThrowIfStrict("the read", answer.Failure);
        return outcome.TryComplete(
            run,
            answer.Succeeded ? reader.Interpret<T>(run.Name, answer.Value, run.Spec) : new RemoteRead<T>(RemoteReadKind.Failed));
    }
}
