using System.Security.Cryptography;

namespace ConfigurationService.Encryption;

/// <summary>AES-256-GCM with a random nonce: nonce, ciphertext and tag in one array.</summary>
internal static class Sealed
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    public static byte[] Seal(byte[] key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associated)
    {
        var result = new byte[NonceBytes + plain.Length + TagBytes];
        var nonce = result.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, plain, result.AsSpan(NonceBytes, plain.Length), result.AsSpan(^TagBytes..), associated);
        return result;
    }

    /// <summary>Decrypts what was sealed, if it is whole and from this place.</summary>
    /// <exception cref="CryptographicException">The key, the context or the bytes are not those of the sealing.</exception>
    public static byte[] Open(byte[] key, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> associated)
    {
        if (sealedBytes.Length < NonceBytes + TagBytes)
            throw new CryptographicException("The ciphertext is too short.");
        var plain = new byte[sealedBytes.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(sealedBytes[..NonceBytes], sealedBytes[NonceBytes..^TagBytes], sealedBytes[^TagBytes..], plain, associated);
        return plain;
    }
}
