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

    /// <summary>Reads the key from the settings; in embedded mode it is made at first start.</summary>
    public static KeyEncryptionKey Load(SecretSettings settings)
    {
        var name = settings.EncryptionKey is null ? "Encryption:KeyFile" : "Encryption:Key";
        var text = settings.EncryptionKey ?? SecretFile.Read(settings.EncryptionKeyFile!);
        if (text is null && settings.MayCreate)
        {
            text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(SizeBytes));
            SecretFile.Create(settings.EncryptionKeyFile!, text);
        }

        var key = new byte[SizeBytes];
        return text is not null && Convert.TryFromBase64String(text, key, out var length) && length == SizeBytes
            ? new KeyEncryptionKey(key)
            : throw new SettingsException([$"{name}: must be {SizeBytes} random bytes in base64 (openssl rand -base64 32)"]);
    }

    private static byte[] Context(string tenant, int keyVersion) => AssociatedData.Of("data-key", tenant, $"{keyVersion}");
}
