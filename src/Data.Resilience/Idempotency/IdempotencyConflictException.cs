namespace Data.Resilience.Idempotency;

/// <summary>Thrown when an idempotency key was used before for another request: its fingerprint differs. Nothing was applied.</summary>
/// <remarks>An HTTP service answers it with 422. Repeating the call cannot help; the client has to choose a new key.</remarks>
public sealed class IdempotencyConflictException : DataResilienceException
{
    internal IdempotencyConflictException()
        : base("The idempotency key was used before with another fingerprint, that is for another request. Use a new key.")
    {
    }
}
