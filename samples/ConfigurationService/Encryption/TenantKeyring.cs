using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ConfigurationService.Errors;

namespace ConfigurationService.Encryption;

/// <summary>
/// The data keys of one tenant: the newest encrypts, every one decrypts. A ciphertext is text of the form
/// <c>v1.{key version}.{base64}</c>, so that it says which key opens it.
/// </summary>
internal sealed class TenantKeyring(string tenant, IReadOnlyDictionary<int, byte[]> keys)
{
    private const string Format = "v1";

    private readonly FrozenDictionary<int, byte[]> _keys = keys.ToFrozenDictionary();
    private readonly int _newest = keys.Keys.Max();

    public string Encrypt(string secret, string type, string name, string field)
    {
        var associated = new SecretField(tenant, type, name, field).AssociatedData(_newest);
        return $"{Format}.{_newest}.{Convert.ToBase64String(Sealed.Seal(_keys[_newest], Encoding.UTF8.GetBytes(secret), associated))}";
    }

    /// <summary>Returns the secret behind a stored text.</summary>
    /// <exception cref="ProblemException">The stored text is damaged, or belongs to another place.</exception>
    public string Decrypt(string stored, string type, string name, string field)
    {
        try
        {
            var parts = stored.Split('.');
            if (parts is [Format, var version, var content]
                && int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && _keys.TryGetValue(number, out var key))
            {
                var associated = new SecretField(tenant, type, name, field).AssociatedData(number);
                return Encoding.UTF8.GetString(Sealed.Open(key, Convert.FromBase64String(content), associated));
            }
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw Unreadable(type, name, field, e);
        }

        throw Unreadable(type, name, field, inner: null);
    }

    /// <summary>Whether a stored secret is this very one; a damaged one is none.</summary>
    public bool Holds(string? stored, string secret, string type, string name, string field)
    {
        if (stored is null)
            return false;
        try
        {
            return CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(Decrypt(stored, type, name, field)), Encoding.UTF8.GetBytes(secret));
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    private static ProblemException Unreadable(string type, string name, string field, Exception? inner) =>
        new(Problems.SecretUnreadable, $"The stored {field} of {type}/{name} does not open with this tenant's keys.", inner: inner);
}
