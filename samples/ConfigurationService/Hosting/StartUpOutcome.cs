using ConfigurationService.Settings;

namespace ConfigurationService.Hosting;

/// <summary>Why the service could not start, if it could not: becomes the process's message and exit code.</summary>
internal sealed class StartUpOutcome
{
    /// <summary>The exit code of settings that do not allow a start (EX_CONFIG).</summary>
    public const int BadSettings = 78;

    public SettingsException? Failure { get; private set; }

    public void Fail(SettingsException failure) => Failure ??= failure;
}
