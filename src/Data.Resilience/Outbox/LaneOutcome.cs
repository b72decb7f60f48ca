namespace Data.Resilience.Outbox;

/// <summary>How the service of a lane ended.</summary>
internal enum LaneOutcome
{
    /// <summary>Nothing is left that could be published now.</summary>
    Drained,

    /// <summary>There may be more; other lanes get their turn first.</summary>
    MoreToDo,

    /// <summary>Another dispatcher has the lane.</summary>
    Refused,

    /// <summary>The database or the publisher failed altogether: the lane is left alone for a while.</summary>
    Failed,
}
