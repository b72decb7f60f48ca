using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ConfigurationService.Keys;

/// <summary>The text of an API key: a prefix that scanners can find, and 32 random bytes. Only its hash is ever stored.</summary>
internal static class ApiKeySecret
{
    public const string Prefix = "dcs_";
    private const int RandomBytes = 32;
    private const int Length = 4 + 43;

    public static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>Whether a text can be a key at all; what cannot is refused without asking the database.</summary>
    public static bool HasForm(string text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && Base64Url.IsValid(text.AsSpan(Prefix.Length));

    // A plain hash is enough for 256 random bits: there is nothing to guess that stretching would slow down.
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.ASCII.GetBytes(key));

    /// <summary>What may be shown of a key so that people can tell it from others.</summary>
    public static string Hint(string key) => $"{key.AsSpan(0, Prefix.Length + 4)}…";
}
