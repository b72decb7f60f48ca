namespace ConfigurationService.Settings;

/// <summary>Limits of a request.</summary>
/// <param name="MaxBodyBytes"><c>Limits:MaxBodyBytes</c>: bytes of a request's body, and of the answer about what is stored, 1,024 to
/// 16,777,216; default 262,144.</param>
/// <param name="RequestTime"><c>Limits:RequestSeconds</c>: seconds until a request is answered, if only that it cannot be, 1 to 60; default
/// 5.</param>
internal sealed record LimitSettings(int MaxBodyBytes, TimeSpan RequestTime)
{
    public static LimitSettings Read(SettingReader reader) => new(
        reader.Integer("Limits:MaxBodyBytes", 262_144, 1_024, 16_777_216),
        TimeSpan.FromSeconds(reader.Integer("Limits:RequestSeconds", 5, 1, 60)));
}
