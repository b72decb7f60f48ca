using System.Security.Cryptography;
using ConfigurationService.Encryption;
using ConfigurationService.Errors;

namespace ConfigurationService.Tests.Encryption;

public sealed class TenantKeyringTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private readonly TenantKeyring _ring = new("tenant", new Dictionary<int, byte[]> { [1] = Key });

    [Fact]
    public void Decrypt_WhatEncryptMade_IsTheSecret() =>
        _ring.Decrypt(_ring.Encrypt("geheim ✓", "map", "here", "api_key"), "map", "here", "api_key").ShouldBe("geheim ✓");

    [Fact]
    public void Encrypt_Twice_DiffersAndNamesTheKeyVersion()
    {
        var one = _ring.Encrypt("s", "map", "here", "api_key");
        one.ShouldStartWith("v1.1.");
        _ring.Encrypt("s", "map", "here", "api_key").ShouldNotBe(one);
    }

    [Theory]
    [InlineData("sms", "here", "api_key")]
    [InlineData("map", "mapbox", "api_key")]
    [InlineData("map", "here", "api_secret")]
    [InlineData("maph", "ere", "api_key")]
    public void Decrypt_InAnotherPlace_IsRefused(string type, string name, string field)
    {
        var stored = _ring.Encrypt("s", "map", "here", "api_key");
        Should.Throw<ProblemException>(() => _ring.Decrypt(stored, type, name, field)).Kind.Code.ShouldBe("secret_unreadable");
        _ring.Holds(stored, "s", type, name, field).ShouldBeFalse();
    }

    [Fact]
    public void Decrypt_ByAnotherTenantOrUnderAnotherKeyVersion_IsRefused()
    {
        var stored = _ring.Encrypt("s", "map", "here", "api_key");
        Should.Throw<ProblemException>(
            () => new TenantKeyring("other", new Dictionary<int, byte[]> { [1] = Key }).Decrypt(stored, "map", "here", "api_key"));
        var twoVersions = new TenantKeyring("tenant", new Dictionary<int, byte[]> { [1] = Key, [2] = Key });
        Should.Throw<ProblemException>(
            () => twoVersions.Decrypt(stored.Replace("v1.1.", "v1.2.", StringComparison.Ordinal), "map", "here", "api_key"));
        twoVersions.Decrypt(stored, "map", "here", "api_key").ShouldBe("s");
    }

    [Fact]
    public void Decrypt_WithAnyBitFlipped_IsRefused()
    {
        var stored = _ring.Encrypt("secret", "map", "here", "api_key");
        var bytes = Convert.FromBase64String(stored["v1.1.".Length..]);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Should.Throw<ProblemException>(() => _ring.Decrypt("v1.1." + Convert.ToBase64String(bytes), "map", "here", "api_key"));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("v1.1.")]
    [InlineData("v1.x.AAAA")]
    [InlineData("v2.1.AAAA")]
    public void Decrypt_WhatIsNoCiphertext_IsRefused(string stored) =>
        Should.Throw<ProblemException>(() => _ring.Decrypt(stored, "map", "here", "api_key"));
}
