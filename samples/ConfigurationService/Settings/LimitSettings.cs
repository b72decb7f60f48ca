namespace ConfigurationService.Settings;

/// <summary>Limits of what a caller may send.</summary>
/// <param name="MaxBodyBytes"><c>Limits:MaxBodyBytes</c>: bytes of a request's body, 1,024 to 16,777,216; default 262,144.</param>
internal sealed record LimitSettings(int MaxBodyBytes);
