using Polly.CircuitBreaker;

namespace Data.Resilience.CircuitBreaking;

/// <summary>The circuit breaker of one data source, for operators: what it does and a hand on it.</summary>
/// <remarks>Safe for concurrent use. Resolve it as a keyed service under <c>typeof(TContext)</c>.</remarks>
public interface IDatabaseCircuit
{
    /// <summary>Gets the name of the data source.</summary>
    string Name { get; }

    /// <summary>Gets the state: closed, open, half-open while a probe is under way, or isolated by hand.</summary>
    CircuitState State { get; }

    /// <summary>Gets the time until the next probe is let through; zero when closed, infinite when isolated.</summary>
    TimeSpan RetryAfter { get; }

    /// <summary>Raised after every change of state, with the new state. Handlers must be quick; their exceptions are swallowed.</summary>
    event EventHandler<CircuitState>? StateChanged;

    /// <summary>Opens the circuit until it is closed by hand: new sessions are rejected, running ones go on.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the circuit is isolated.</returns>
    Task IsolateAsync(CancellationToken cancellationToken = default);

    /// <summary>Closes the circuit and forgets what opened it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the circuit is closed.</returns>
    Task CloseAsync(CancellationToken cancellationToken = default);
}
