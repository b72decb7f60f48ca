namespace Data.Health.Startup;

/// <summary>
/// Delays readiness until every start-up step is done: until then <c>/health/startup</c> and <c>/health/ready</c> return 503.
/// </summary>
/// <remarks>Thread-safe; a singleton. A finished gate stays finished. Steps are declared with <c>AddStartupStep</c>.</remarks>
/// <example>
/// <code>
/// services.AddDataHealth().AddStartupStep("migrations");
/// // later, once the schema is up to date:
/// app.Services.GetRequiredService&lt;IStartupGate&gt;().Complete("migrations");
/// </code>
/// </example>
public interface IStartupGate
{
    /// <summary>Whether every step is done.</summary>
    bool IsFinished { get; }

    /// <summary>The steps that are not done yet, in order of declaration.</summary>
    IReadOnlyList<string> Pending { get; }

    /// <summary>Marks one step as done. Repeated calls have no effect.</summary>
    /// <param name="step">A declared step, case-insensitive.</param>
    /// <exception cref="ArgumentException">No step of that name is declared.</exception>
    void Complete(string step);

    /// <summary>Waits until every step is done.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>A task that completes when the gate is finished.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    Task WaitAsync(CancellationToken cancellation = default);
}
