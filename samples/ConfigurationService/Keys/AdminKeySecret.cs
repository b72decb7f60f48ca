namespace ConfigurationService.Keys;

/// <summary>The administrator's first key, between being read and being registered. Never printed.</summary>
internal sealed class AdminKeySecret(string value)
{
    public string Value => value;

    public override string ToString() => "…";
}
