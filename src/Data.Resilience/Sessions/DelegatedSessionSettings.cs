namespace Data.Resilience.Sessions;

/// <summary>A source of settings that is a delegate.</summary>
internal sealed class DelegatedSessionSettings(IServiceProvider services, Action<IServiceProvider, SessionSettingCollection> collect) :
    ISessionSettings
{
    public void Collect(DbSessionKind kind, DbSessionOptions options, SessionSettingCollection settings) => collect(services, settings);
}
