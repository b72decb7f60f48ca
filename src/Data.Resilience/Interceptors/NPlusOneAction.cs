namespace Data.Resilience.Interceptors;

/// <summary>What the N+1 detector does when it finds something.</summary>
public enum NPlusOneAction
{
    /// <summary>Nothing is detected.</summary>
    None,

    /// <summary>Counted in the metric <c>data.resilience.query.n_plus_one</c>.</summary>
    Count,

    /// <summary>Counted, and logged once per fingerprint and session.</summary>
    Log,

    /// <summary>Counted, and <see cref="NPlusOneException"/> is thrown before the command is sent; meant for tests.</summary>
    Throw,
}
