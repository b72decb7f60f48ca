using ConfigurationService.Encryption;
using ConfigurationService.Http;

namespace ConfigurationService.Providers;

/// <summary>The target state of a row. A row that already has it is not changed: no new version, no history.</summary>
internal sealed record ProviderTarget(
    string Type, string Name, string? ApiKey, string? ApiSecret, string Priority, bool Enabled, string Config)
{
    private const string NoConfig = "{}";

    public static ProviderTarget Of(ProviderRow row) =>
        new(row.Type, row.Name, row.ApiKey, row.ApiSecret, row.Priority, row.Enabled, row.Config);

    public static ProviderTarget Of(ProviderRow? row, ProviderDraft draft, TenantKeyring? keys, bool keepsUnsaid)
    {
        var unsaid = keepsUnsaid ? row : null;
        return new ProviderTarget(
            draft.Type, draft.Name,
            Secret(draft, draft.ApiKey, row?.ApiKey, keys, SecretField.ApiKey),
            Secret(draft, draft.ApiSecret, row?.ApiSecret, keys, SecretField.ApiSecret),
            draft.Priority ?? unsaid?.Priority ?? ProviderPriorities.Default,
            draft.Enabled ?? unsaid?.Enabled ?? true,
            draft.Config?.GetRawText() ?? unsaid?.Config ?? NoConfig);
    }

    // The same secret sent again keeps its ciphertext: a new nonce would look like a change and fill the history with nothing.
    private static string? Secret(ProviderDraft draft, Given<string> given, string? stored, TenantKeyring? keys, string field)
    {
        if (!given.IsGiven)
            return stored;
        if (given.Value is not { } secret)
            return null;
        return keys!.Holds(stored, secret, draft.Type, draft.Name, field) ? stored : keys.Encrypt(secret, draft.Type, draft.Name, field);
    }
}
