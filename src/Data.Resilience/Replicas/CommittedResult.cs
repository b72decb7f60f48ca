namespace Data.Resilience.Replicas;

/// <summary>Result of a committed write together with the token of its commit.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
/// <param name="Result">Result of the work.</param>
/// <param name="Token">Opaque text of 28 letters, digits, <c>-</c> and <c>_</c> for <see cref="Sessions.ReadConsistency.ReadYourWrites"/>;
/// may travel in a header or cookie.</param>
public readonly record struct CommittedResult<TResult>(TResult Result, string Token);
