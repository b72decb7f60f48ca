namespace ConfigurationService.Settings;

/// <summary>The settings do not allow a start; the message names each wrong one and what would be right.</summary>
internal sealed class SettingsException(IReadOnlyList<string> faults)
    : Exception("The service cannot start with these settings:" + string.Concat(faults.Select(static f => $"\n  - {f}")));
