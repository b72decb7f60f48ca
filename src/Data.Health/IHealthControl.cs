namespace Data.Health;

/// <summary>
/// Lets the application speak for itself: it may refuse traffic for a while, or declare itself broken beyond repair.
/// </summary>
/// <remarks>Thread-safe; a singleton.</remarks>
/// <example>
/// <code>
/// var control = app.Services.GetRequiredService&lt;IHealthControl&gt;();
/// using (control.RefuseTraffic("maintenance"))
///     Console.WriteLine("/health/ready returns 503 until the block ends.");
/// </code>
/// </example>
public interface IHealthControl
{
    /// <summary>Whether traffic is refused: by the application, because of a shutdown, or because the process is broken.</summary>
    bool IsRefusingTraffic { get; }

    /// <summary>Whether <see cref="ReportBroken"/> was called.</summary>
    bool IsBroken { get; }

    /// <summary>Fails readiness until the returned value is disposed. Liveness and the evaluation go on.</summary>
    /// <param name="reason">
    /// A code (letters, digits, <c>_</c>) that authorised callers of <c>/health/ready</c> see as <c>refusing: {reason}</c>.
    /// </param>
    /// <returns>The refusal. Several may overlap; traffic is accepted again after the last one was disposed.</returns>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is not a code.</exception>
    IDisposable RefuseTraffic(string reason);

    /// <summary>Fails liveness and readiness for the rest of the process, so that the orchestrator restarts it.</summary>
    /// <param name="reason">A code (letters, digits, <c>_</c>) for the log and authorised callers.</param>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is not a code.</exception>
    void ReportBroken(string reason);
}
