using Data.Resilience.Commits;

namespace Data.Resilience.Sessions;

/// <summary>What a delegate registered to run once the outcome of its transaction is known, or known not to be knowable.</summary>
internal sealed class CommitHooks
{
    private readonly List<Func<DbCommit, ValueTask>> _committed = [];
    private readonly List<Func<DbUnknownCommit, ValueTask>> _unknown = [];

    public void Add(Func<DbCommit, ValueTask> hook) => _committed.Add(hook);

    public void Add(Func<DbUnknownCommit, ValueTask> hook) => _unknown.Add(hook);

    public async ValueTask RunAsync(DbCommit commit, SessionServices services)
    {
        foreach (var hook in _committed)
            await RunAsync(hook, commit, services).ConfigureAwait(false);
    }

    public async ValueTask RunAsync(DbUnknownCommit commit, SessionServices services)
    {
        foreach (var hook in _unknown)
            await RunAsync(hook, commit, services).ConfigureAwait(false);
    }

    private static async ValueTask RunAsync<TCommit>(Func<TCommit, ValueTask> hook, TCommit commit, SessionServices services)
    {
        try
        {
            await hook(commit).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            SessionLog.HookFailed(services.Logger, exception);
        }
    }
}
