namespace Data.Resilience.Sessions;

/// <summary>Supplies settings that hold for the transaction of a session, such as a signed tenant token or a request id.</summary>
/// <remarks>
/// They are sent as <c>set_config(name, value, true)</c> with the session's first message, before any statement of the delegate, and end
/// with the transaction, so they are safe behind a transaction pooler. They add no round trip to a write session. A read session that is
/// given any runs in a transaction: two round trips more. Register a source by
/// <see cref="DataResilienceBuilder{TContext}.AddSessionSettings{TSettings}"/>; a context may have several. Must be safe for concurrent
/// use.
/// </remarks>
/// <example>
/// <code>
/// using System.Diagnostics;
/// using Data.Resilience.Sessions;
///
/// class RequestSettings : ISessionSettings
/// {
///     public void Collect(DbSessionKind kind, DbSessionOptions options, SessionSettingCollection settings)
///     {
///         if (Activity.Current is { } activity)
///             settings.Add("app.request_id", activity.TraceId.ToHexString());
///     }
/// }
/// </code>
/// </example>
public interface ISessionSettings
{
    /// <summary>Adds this source's settings of one session, if any.</summary>
    /// <param name="kind">Whether the session reads or writes.</param>
    /// <param name="options">The session's options.</param>
    /// <param name="settings">Takes the settings.</param>
    /// <remarks>
    /// Runs in the flow of the caller: once for every attempt, and once for every call that joins an open session. The joined work runs
    /// with the settings of the open session, so a call for which they would differ is refused; give a value that stays the same within
    /// one session. Must not block. What it throws ends the session without a retry.
    /// </remarks>
    void Collect(DbSessionKind kind, DbSessionOptions options, SessionSettingCollection settings);
}
