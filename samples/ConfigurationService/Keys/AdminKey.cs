using ConfigurationService.Persistence;
using ConfigurationService.Settings;
using Npgsql;

namespace ConfigurationService.Keys;

/// <summary>The administrator's first key: from the settings, or in embedded mode made at first start and left in a file.</summary>
internal static class AdminKey
{
    public const string Name = "admin";

    // Replacing the file or the setting replaces the key: what was registered from there before stops working.
    private const string RevokeOthers = "UPDATE api_keys SET revoked_at = now() WHERE bootstrap AND key_hash <> $1 AND revoked_at IS NULL";

    private const string Insert =
        """
        INSERT INTO api_keys (name, key_hash, hint, scopes, bootstrap, created_by)
        VALUES ($1, $2, $3, $4, true, 'first start') ON CONFLICT (key_hash) DO NOTHING
        """;

    /// <summary>Reads the key; null when its file is missing.</summary>
    /// <exception cref="SettingsException">What is there is no key.</exception>
    public static AdminKeySecret? Read(SecretSettings settings)
    {
        if ((settings.AdminKey ?? SecretFile.Read(settings.AdminKeyFile!)) is not { } key)
            return null;
        if (ApiKeySecret.HasForm(key))
            return new AdminKeySecret(key);
        var name = settings.AdminKey is null ? settings.AdminKeyFile! : "Keys:Admin";
        throw new SettingsException([$"{name}: must be {ApiKeySecret.Prefix} and 32 random bytes in base64url (43 characters)"]);
    }

    /// <summary>Makes the key and its file.</summary>
    public static AdminKeySecret Create(SecretSettings settings)
    {
        var key = ApiKeySecret.Create();
        SecretFile.Create(settings.AdminKeyFile!, key);
        return new AdminKeySecret(key);
    }

    /// <summary>Makes the key work.</summary>
    public static async Task RegisterAsync(NpgsqlConnection connection, string key, CancellationToken cancellationToken)
    {
        var hash = ApiKeySecret.Hash(key);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(RevokeOthers, hash);
        batch.Add(Insert, Name, hash, ApiKeySecret.Hint(key), ApiScopeNames.Of(ApiScopes.All));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
