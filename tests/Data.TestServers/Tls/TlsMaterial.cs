using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PrivateServers.Folders;

namespace Data.TestServers;

/// <summary>A private certificate authority and a server certificate that it signed, as PEM files.</summary>
public sealed class TlsMaterial
{
    private readonly string _authority;
    private readonly string _certificate;
    private readonly string _key;

    private TlsMaterial(string folder, string authority, string certificate, string key)
    {
        AuthorityPath = Path.Combine(folder, "ca.crt");
        CertificatePath = Path.Combine(folder, "server.crt");
        KeyPath = Path.Combine(folder, "server.key");
        (_authority, _certificate, _key) = (authority, certificate, key);
    }

    /// <summary>The authority's certificate: what a client trusts ("Root Certificate" in Npgsql's words).</summary>
    public string AuthorityPath { get; }

    /// <summary>The server's certificate.</summary>
    public string CertificatePath { get; }

    /// <summary>The server's key, mode 0600.</summary>
    public string KeyPath { get; }

    /// <summary>Makes an authority and a certificate and writes them.</summary>
    /// <param name="folder">Where the files go; made when it is missing.</param>
    /// <param name="options">What the certificate says.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>The files.</returns>
    public static async Task<TlsMaterial> CreateAsync(string folder, TlsOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentNullException.ThrowIfNull(options);
        var end = DateTimeOffset.UtcNow + options.Validity;
        var start = (options.Validity < TimeSpan.Zero ? end : DateTimeOffset.UtcNow) - TimeSpan.FromDays(1);

        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Private test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true,
            hasPathLengthConstraint: true,
            pathLengthConstraint: 0,
            critical: true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        using var authority = authorityRequest.CreateSelfSigned(
            start - TimeSpan.FromDays(1),
            DateTimeOffset.UtcNow + TimeSpan.FromDays(3650));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + options.Names[0], key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(Names(options.Names));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.Create(authority, start, end, RandomNumberGenerator.GetBytes(16));

        var material = new TlsMaterial(
            folder,
            authority.ExportCertificatePem(),
            certificate.ExportCertificatePem(),
            key.ExportPkcs8PrivateKeyPem());
        await material.WriteAsync(cancellationToken).ConfigureAwait(false);
        return material;
    }

    /// <summary>Writes the same certificates into another folder, for a replica.</summary>
    internal async Task<TlsMaterial> CopyAsync(string folder, CancellationToken cancellationToken)
    {
        var copy = new TlsMaterial(folder, _authority, _certificate, _key);
        await copy.WriteAsync(cancellationToken).ConfigureAwait(false);
        return copy;
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(
            Path.GetDirectoryName(KeyPath)!,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await PrivateFile.WriteAsync(AuthorityPath, _authority + "\n", cancellationToken).ConfigureAwait(false);
        await PrivateFile.WriteAsync(CertificatePath, _certificate + "\n", cancellationToken).ConfigureAwait(false);
        await PrivateFile.WriteAsync(KeyPath, _key + "\n", cancellationToken).ConfigureAwait(false);
    }

    private static X509Extension Names(IReadOnlyList<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                builder.AddIpAddress(address);
            else
                builder.AddDnsName(name);
        }

        return builder.Build();
    }
}
