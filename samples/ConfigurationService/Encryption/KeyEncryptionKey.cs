using System.Security.Cryptography;
using System.Text;
using ConfigurationService.Settings;

namespace ConfigurationService.Encryption;

/// <summary>
/// The one key outside the database: it wraps the tenants' data keys and derives what else must be secret and the same on every instance.
/// </summary>
internal sealed class KeyEncryptionKey
{
    public const int SizeBytes = 32;

    private readonly byte[] _key;

    public KeyEncryptionKey(byte[] key)
    {
        _key = key;
        Id = Convert.ToHexStringLower(Derive("id").AsSpan(0, 8));
    }

    /// <summary>Names the key without telling anything about it.</summary>
    public string Id { get; }

    public byte[] Wrap(ReadOnlySpan<byte> dataKey, string tenant, int keyVersion) =>
        Sealed.Seal(_key, dataKey, Context(tenant, keyVersion));

    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string tenant, int keyVersion) =>
        Sealed.Open(_key, wrapped, Context(tenant, keyVersion));

    /// <summary>32 bytes for one purpose, from which neither this key nor another purpose's bytes can be told.</summary>
    public byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, SizeBytes, info: Encoding.UTF8.GetBytes($"configuration-service {purpose}"));

    /// <summary>Reads the key from the settings; null when its file is missing.</summary>
    /// <exception cref="SettingsException">What is there is no key.</exception>
    public static KeyEncryptionKey? Read(SecretSettings settings)
    {
        if ((settings.EncryptionKey ?? SecretFile.Read(settings.EncryptionKeyFile!)) is not { } text)
            return null;
        var key = new byte[SizeBytes];
        if (Convert.TryFromBase64String(text, key, out var length) && length == SizeBytes)
            return new KeyEncryptionKey(key);
        var name = settings.EncryptionKey is null ? settings.EncryptionKeyFile! : "Encryption:Key";
        throw new SettingsException([$"{name}: must be {SizeBytes} random bytes in base64 (openssl rand -base64 32)"]);
    }

    /// <summary>Makes the key and its file.</summary>
    public static KeyEncryptionKey Create(SecretSettings settings)
    {
        var key = RandomNumberGenerator.GetBytes(SizeBytes);
        SecretFile.Create(settings.EncryptionKeyFile!, Convert.ToBase64String(key));
        return new KeyEncryptionKey(key);
    }

    private static byte[] Context(string tenant, int keyVersion) => AssociatedData.Of("data-key", tenant, $"{keyVersion}");
}
