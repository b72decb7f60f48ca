using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Data.Resilience.Retry;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Sessions;

/// <summary>What a session factory works with, besides its contexts.</summary>
internal sealed class SessionServices
{
    public required DatabaseNode Primary { get; init; }

    public required IConnectionOpener Opener { get; init; }

    public required CommitVerifier Verifier { get; init; }

    public required RetryOptions Retry { get; init; }

    public required Backoff Backoff { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public ISessionRouter? Router { get; init; }

    public ISessionSettings[] Settings { get; init; } = [];

    /// <summary>Finds a part registered with the context by its type; null when sessions have none.</summary>
    public Func<Type, object?>? FindPart { get; init; }

    public ISessionObserver[] Observers { get; init; } = [];

    /// <summary>Returns the settings that a session's transaction runs with.</summary>
    public SessionSettingList CollectSettings(DbSession session)
    {
        var settings = new SessionSettingList();
        foreach (var source in Settings)
            source.Collect(session, ref settings);

        return settings;
    }
}
