namespace Data.Resilience.Replicas;

/// <summary>What a write returned, and the token of its commit.</summary>
/// <typeparam name="TResult">What the work returned.</typeparam>
/// <param name="Result">The work's result.</param>
/// <param name="Token">Opaque text of 28 letters, digits, <c>-</c> and <c>_</c> for <see cref="Sessions.ReadConsistency.ReadYourWrites"/>;
/// may travel in a header or cookie.</param>
public readonly record struct TokenResult<TResult>(TResult Result, string Token);
