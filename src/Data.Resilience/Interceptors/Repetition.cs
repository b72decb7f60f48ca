namespace Data.Resilience.Interceptors;

/// <summary>How often one fingerprint ran in one session, and, once that is suspicious, from where.</summary>
internal struct Repetition
{
    /// <summary>Executions in all.</summary>
    public int Executions;

    /// <summary>Executions that looked up something else than the one before.</summary>
    public int Changes;

    /// <summary>What the last execution looked up.</summary>
    public int LastLookup;

    public bool IsReported;

    /// <summary>What each site looked up since the repetition is suspicious.</summary>
    public Dictionary<CallSite, HashSet<int>>? Sites;
}
