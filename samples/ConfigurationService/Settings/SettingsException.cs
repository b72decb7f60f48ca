namespace ConfigurationService.Settings;

/// <summary>The service cannot start as it is set up; the message names each fault and what would be right.</summary>
internal sealed class SettingsException(IReadOnlyList<string> faults)
    : Exception("The service cannot start with these settings:" + string.Concat(faults.Select(static f => $"\n  - {f}")))
{
    public IReadOnlyList<string> Faults => faults;
}
