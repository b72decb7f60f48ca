namespace Data.Resilience.Sessions;

/// <summary>
/// Supplies transaction-local settings (<c>set_config(name, value, true)</c>) that ride in the session's first batch, before any statement
/// of the delegate. Register as a keyed singleton under <c>typeof(TContext)</c>. A read session that is given any runs in a transaction.
/// </summary>
internal interface ISessionSettings
{
    /// <summary>Adds this session's settings, if any. Called once per attempt; must not allocate when there are none.</summary>
    void Collect(DbSession session, ref SessionSettingList settings);
}
