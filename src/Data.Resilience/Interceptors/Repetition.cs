namespace Data.Resilience.Interceptors;

/// <summary>How often one fingerprint ran in one session, and, once that is suspicious, from where.</summary>
internal struct Repetition
{
    public int Count;
    public bool Reported;
    public Dictionary<CallSite, int>? Sites;
}
