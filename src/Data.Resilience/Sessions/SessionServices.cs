using Data.Resilience.Connections;

namespace Data.Resilience.Sessions;

/// <summary>What a session factory works with, besides its contexts.</summary>
internal sealed class SessionServices
{
    public required DatabaseNode Primary { get; init; }

    public required IConnectionOpener Opener { get; init; }

    public required TimeProvider Time { get; init; }

    public ISessionRouter? Router { get; init; }

    public ISessionSettings[] Settings { get; init; } = [];

    public ISessionObserver[] Observers { get; init; } = [];
}
