namespace ConfigurationService.Encryption;

/// <summary>The place where a secret is stored. A ciphertext moved to any other place no longer opens.</summary>
internal readonly record struct SecretField(string Tenant, string ProviderType, string ProviderName, string Field)
{
    public const string ApiKey = "api_key";
    public const string ApiSecret = "api_secret";

    public byte[] AssociatedData(int keyVersion) =>
        Encryption.AssociatedData.Of("secret", Tenant, ProviderType, ProviderName, Field, $"{keyVersion}");
}
