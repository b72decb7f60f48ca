namespace Data.Resilience.Sessions;

/// <summary>What follows a failed attempt.</summary>
internal enum FailureOutcome
{
    /// <summary>The failure goes to the caller.</summary>
    Final,

    /// <summary>Another attempt.</summary>
    Again,

    /// <summary>The commit's answer was lost, but it is known to be committed.</summary>
    Committed,
}
