using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Data.Resilience.Idempotency;
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

    /// <summary>
    /// Whether the configured attempt's limit is sent to the server, so that a session with a longer one must send its own.
    /// </summary>
    public bool SendsStatementTimeout { get; init; }

    public required Backoff Backoff { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public ISessionRouter? Router { get; init; }

    public ISessionSettings[] Settings { get; init; } = [];

    /// <summary>Finds a part registered with the context by its type; null when sessions have none.</summary>
    public Func<Type, object?>? FindPart { get; init; }

    /// <summary>Whether the context has a part that collects statements for the commit.</summary>
    public bool CollectsForCommit { get; init; }

    public ISessionObserver[] Observers { get; init; } = [];

    /// <summary>Records the keys of writes; null when none was registered.</summary>
    public IdempotencyKeys? Idempotency { get; init; }

    /// <summary>Returns the settings that a session's transaction runs with.</summary>
    public SessionSettingCollection CollectSettings(DbSession session)
    {
        if (Settings.Length == 0)
            return SessionSettingCollection.Empty;

        var settings = new SessionSettingCollection();
        foreach (var source in Settings)
            source.Collect(session.Kind, session.Options, settings);

        return settings;
    }

    /// <summary>Refuses an idempotency key that cannot be recorded.</summary>
    public void EnsureKeyIsPossible(DbSessionKind kind, DbSessionOptions options)
    {
        if (options.IdempotencyKey is null && options.IdempotencyFingerprint is null)
            return;
        if (kind == DbSessionKind.Read)
        {
            throw new InvalidOperationException(
                "A read session takes no idempotency key: it has no effect to be made once. Use WriteAsync.");
        }

        if (options.IdempotencyKey is null)
            throw new InvalidOperationException("An idempotency fingerprint needs an idempotency key.");
        if (Idempotency is null)
        {
            throw new InvalidOperationException("An idempotency key needs AddIdempotency() at the context's registration, and the table "
                + "that migrationBuilder.CreateIdempotencyKeys() creates.");
        }
    }
}
