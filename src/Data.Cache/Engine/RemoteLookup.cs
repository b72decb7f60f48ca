namespace Data.Cache.Engine;

/// <summary>The step of a flight that looks for its value in Redis.</summary>
internal sealed class RemoteLookup(
    RemoteLevel remote,
    RemoteReader reader,
    LookupOutcome outcome) : ISecondLevelLookup
{
    private readonly MissForecast _forecast = new();

    /// <inheritdoc/>
    public async ValueTask<bool> TryCompleteAsync<T>(FlightRun<T> run)
    {
        if (!run.Spec.ReadsRemote)
            return false;
        if (remote.Replayer.Queue.HasPending(run.Name))
        {
            if (remote is { IsStrict: true, IsUsable: false })
                RemoteLevel.ThrowUnavailable("the read", cause: null);
            return false;
        }

        var asksForLease = !run.IsRefresh && run.Spec is { RunsFactory: true, WritesRemote: true } && remote.IsUsable && _forecast.IsLikely;
        var read = await reader.ReadAsync<T>(run.Name, run.Spec, run.Budget, asksForLease, run.Flight.Token).ConfigureAwait(false);
        if (read.Kind != RemoteReadKind.Failed && run.Spec.RunsFactory)
            _forecast.Add(read.Kind != RemoteReadKind.Hit);
        if (read.Kind == RemoteReadKind.Failed && remote.IsStrict)
            RemoteLevel.ThrowUnavailable("the read", read.Failure);
        return outcome.TryComplete(run, read);
    }
}
