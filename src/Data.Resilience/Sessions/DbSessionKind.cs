namespace Data.Resilience.Sessions;

/// <summary>What a session does to the database, which decides its transaction, its node and what a lost connection means.</summary>
public enum DbSessionKind
{
    /// <summary>Reads only: no transaction unless asked, no tracking, may be served by a replica, always safe to repeat.</summary>
    Read,

    /// <summary>Reads and writes in one explicit transaction on the primary, committed exactly once.</summary>
    Write,
}
