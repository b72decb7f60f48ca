namespace ConfigurationService.Settings;

/// <summary>All settings, read and validated once, before anything is started.</summary>
internal sealed record ServiceSettings(
    StorageSettings Storage,
    SecretSettings Secrets,
    CacheSettings Cache,
    LimitSettings Limits,
    WebSettings Web,
    TelemetrySettings Telemetry)
{
    /// <summary>Reads and validates every setting.</summary>
    /// <exception cref="SettingsException">A setting is missing, invalid or unknown.</exception>
    public static ServiceSettings Read(IConfiguration configuration)
    {
        var reader = new SettingReader(configuration);
        var settings = Read(reader);
        reader.ThrowIfAny();
        return settings;
    }

    /// <summary>Reads every setting; the reader gathers what is wrong with them.</summary>
    public static ServiceSettings Read(SettingReader reader)
    {
        var storage = StorageSettings.Read(reader);
        var settings = new ServiceSettings(
            storage,
            SecretSettings.Read(reader, storage),
            CacheSettings.Read(reader),
            LimitSettings.Read(reader),
            WebSettings.Read(reader),
            TelemetrySettings.Read(reader));
        LogSettings.Check(reader);
        reader.RejectUnknown("Cache", "Limits", "Encryption", "Keys", "Cors", "ConnectionStrings");
        return settings;
    }
}
