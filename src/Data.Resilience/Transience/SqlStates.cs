using System.Collections.Frozen;

namespace Data.Resilience.Transience;

/// <summary>
/// The one table from SQLSTATE to class of failure. Complete codes first, then the two-character class; what is in neither is permanent.
/// Sources: PostgreSQL 18 documentation, appendix A; what each code means for a transaction was checked against the server's sources and
/// tests.
/// </summary>
internal static class SqlStates
{
    internal const string InvalidParameterValue = "22023";
    internal const string ObjectNotInPrerequisiteState = "55000";
    internal const string InFailedTransaction = "25P02";
    internal const string InsufficientPrivilege = "42501";

    internal static readonly FrozenDictionary<string, FailureClass> Classes = new Dictionary<string, FailureClass>(StringComparer.Ordinal)
    {
        // The server does not take connections just now: starting up, out of slots, refused.
        ["57P03"] = FailureClass.Unavailable,
        ["53300"] = FailureClass.Unavailable,
        ["08001"] = FailureClass.Unavailable,
        ["08004"] = FailureClass.Unavailable,

        // Rolled back in favour of another transaction, or a lock that was not free.
        ["40000"] = FailureClass.Conflict,
        ["40001"] = FailureClass.Conflict,
        ["40P01"] = FailureClass.Conflict,
        ["55P03"] = FailureClass.Conflict,
        ["55006"] = FailureClass.Conflict,

        // Out of memory, disk, configured limits; input and output errors.
        ["53000"] = FailureClass.Resource,
        ["53100"] = FailureClass.Resource,
        ["53200"] = FailureClass.Resource,
        ["53400"] = FailureClass.Resource,
        ["55000"] = FailureClass.Resource,
        ["58000"] = FailureClass.Resource,
        ["58030"] = FailureClass.Resource,

        ["25006"] = FailureClass.ReadOnly,

        // Terminated by an administrator, a crash elsewhere or an idle limit; connection failures.
        ["57P01"] = FailureClass.SessionLost,
        ["57P02"] = FailureClass.SessionLost,
        ["57P05"] = FailureClass.SessionLost,
        ["25P03"] = FailureClass.SessionLost,
        ["25P04"] = FailureClass.SessionLost,
        ["08000"] = FailureClass.SessionLost,
        ["08003"] = FailureClass.SessionLost,
        ["08006"] = FailureClass.SessionLost,

        ["08007"] = FailureClass.OutcomeUnknown,
        ["40003"] = FailureClass.OutcomeUnknown,

        ["23505"] = FailureClass.PossibleConflict,
        ["23P01"] = FailureClass.PossibleConflict,

        // Named because their neighbours are retried: cancelled, database dropped, failed transaction, constraint checked at commit.
        ["57014"] = FailureClass.Permanent,
        ["57P04"] = FailureClass.Permanent,
        ["25P02"] = FailureClass.Permanent,
        ["40002"] = FailureClass.Permanent,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static FailureClass Classify(string sqlState) => Classes.GetValueOrDefault(sqlState, FailureClass.Permanent);
}
