namespace Data.Resilience.Idempotency;

/// <summary>Turns results of write sessions into the bytes that are stored with their idempotency key, and back.</summary>
/// <remarks>
/// Register an implementation as a singleton to replace <see cref="JsonIdempotencySerializer"/>. It must be safe for concurrent use. What
/// it throws when it serializes rolls the session back and reaches the caller as it was thrown.
/// </remarks>
public interface IIdempotencySerializer
{
    /// <summary>Serializes a result.</summary>
    /// <typeparam name="TResult">The declared type of the session's result.</typeparam>
    /// <param name="result">The result; may be null.</param>
    /// <returns>The bytes to store; not null.</returns>
    byte[] Serialize<TResult>(TResult result);

    /// <summary>Deserializes a result that an earlier call stored.</summary>
    /// <typeparam name="TResult">The declared type of the repeated session's result.</typeparam>
    /// <param name="stored">The stored bytes, perhaps written by an earlier version of the application.</param>
    /// <returns>The result; may be null.</returns>
    TResult Deserialize<TResult>(byte[] stored);

    /// <summary>Proves, before COMMIT, that a stored result comes back.</summary>
    /// <typeparam name="TResult">The declared type of the session's result.</typeparam>
    /// <param name="stored">What <see cref="Serialize"/> returned for it.</param>
    /// <remarks>
    /// What it throws rolls the session back and reaches the caller as the cause of an <see cref="InvalidOperationException"/>. The default
    /// reads the result once by <see cref="Deserialize"/>.
    /// </remarks>
    void Verify<TResult>(byte[] stored) => Deserialize<TResult>(stored);
}
