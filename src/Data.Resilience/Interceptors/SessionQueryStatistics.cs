namespace Data.Resilience.Interceptors;

/// <summary>What one session (one lease of a context) has asked of the database so far.</summary>
/// <param name="QueryCount">Commands sent.</param>
/// <param name="DatabaseTime">Time spent waiting for their results.</param>
public readonly record struct SessionQueryStatistics(int QueryCount, TimeSpan DatabaseTime);
