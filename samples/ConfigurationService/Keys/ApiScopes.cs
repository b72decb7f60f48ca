namespace ConfigurationService.Keys;

/// <summary>What a key may do. Each scope stands for itself; an administrator's key usually has all three.</summary>
[Flags]
internal enum ApiScopes
{
    None = 0,
    Read = 1,
    Write = 2,
    Admin = 4,
    All = Read | Write | Admin,
}
