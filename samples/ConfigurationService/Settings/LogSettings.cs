namespace ConfigurationService.Settings;

/// <summary>
/// The levels under <c>Logging</c>, which the framework reads itself: one that it does not know would end it with an exception.
/// </summary>
internal static class LogSettings
{
    private const string Section = "Logging";
    private const string Levels = ":LogLevel:";

    public static void Check(SettingReader reader)
    {
        foreach (var (name, level) in reader.Below(Section))
        {
            if (name.Contains(Levels, StringComparison.OrdinalIgnoreCase) && !Enum.TryParse<LogLevel>(level, ignoreCase: true, out _))
                reader.Fault(name, $"'{level}' is not a log level; levels are: {string.Join(", ", Enum.GetNames<LogLevel>())}");
        }
    }
}
