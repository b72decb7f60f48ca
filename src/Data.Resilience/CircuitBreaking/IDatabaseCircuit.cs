using Polly.CircuitBreaker;

namespace Data.Resilience.CircuitBreaking;

/// <summary>The circuit breaker of one data source, for operators: its state and manual control.</summary>
/// <remarks>Safe for concurrent use. Resolve it as a keyed service under <c>typeof(TContext)</c>.</remarks>
public interface IDatabaseCircuit
{
    /// <summary>Name of the data source.</summary>
    string Name { get; }

    /// <summary>State of the circuit: closed, open, half-open while a probe runs, or isolated manually.</summary>
    CircuitState State { get; }

    /// <summary>
    /// Time until the next probe is allowed, also while one runs that may take too long; zero when closed, infinite when isolated.
    /// </summary>
    TimeSpan RetryAfter { get; }

    /// <summary>Raised after every change of state, with the new state. Handlers must be quick; their exceptions are swallowed.</summary>
    event EventHandler<CircuitState>? StateChanged;

    /// <summary>
    /// Opens the circuit until <see cref="CloseAsync"/> is called: new and waiting sessions are rejected, running ones continue.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the circuit is isolated.</returns>
    Task IsolateAsync(CancellationToken cancellationToken = default);

    /// <summary>Closes the circuit and forgets what opened it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the circuit is closed.</returns>
    Task CloseAsync(CancellationToken cancellationToken = default);
}
