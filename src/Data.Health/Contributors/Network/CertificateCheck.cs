using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Network;

/// <summary>How long a certificate is still valid.</summary>
internal sealed class CertificateCheck(CertificateHealthOptions options, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var certificate = await FindAsync(cancellationToken).ConfigureAwait(false);
        if (certificate is null)
            return Outcome.Of(HealthStatus.Unhealthy, "certificate_missing", "There is no such certificate.");

        var now = time.GetUtcNow();
        var left = certificate.NotAfter.ToUniversalTime() - now.UtcDateTime;
        return new Outcome()
            .With("days_left", Math.Round(left.TotalDays, 1))
            .With("expires_at", new DateTimeOffset(certificate.NotAfter.ToUniversalTime()))
            .FindIf(left <= TimeSpan.Zero, HealthStatus.Unhealthy, "certificate_expired", "The certificate has expired.")
            .FindIf(
                certificate.NotBefore.ToUniversalTime() > now.UtcDateTime,
                HealthStatus.Unhealthy,
                "certificate_not_yet_valid",
                "The certificate is not valid yet.")
            .FindIf(left < options.UnhealthyBefore, HealthStatus.Unhealthy, "certificate_expiring", "The certificate expires very soon.")
            .FindIf(left < options.DegradedBefore, HealthStatus.Degraded, "certificate_expiring", "The certificate expires soon.")
            .Result();
    }

    private async Task<X509Certificate2?> FindAsync(CancellationToken cancellation)
    {
        if (options.Host is { Length: > 0 } host)
            return await FromEndpointAsync(host, cancellation).ConfigureAwait(false);
        return options.Thumbprint is { Length: > 0 } thumbprint ? FromStore(thumbprint) : FromFile(options.FilePath!);
    }

    private X509Certificate2? FromFile(string path)
    {
        if (!File.Exists(path))
            return null;
        return X509Certificate2.GetCertContentType(path) == X509ContentType.Pkcs12
            ? X509CertificateLoader.LoadPkcs12FromFile(path, options.FilePassword)
            : X509CertificateLoader.LoadCertificateFromFile(path);
    }

    private X509Certificate2? FromStore(string thumbprint)
    {
        using var store = new X509Store(options.StoreName, options.StoreLocation, OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
        var found = store.Certificates.Find(X509FindType.FindByThumbprint, thumbprint, validOnly: false);
        return found.Count == 0 ? null : found[0];
    }

    private async Task<X509Certificate2?> FromEndpointAsync(string host, CancellationToken cancellation)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host, options.Port, cancellation).ConfigureAwait(false);
        var stream = new NetworkStream(socket);
        await using (stream.ConfigureAwait(false))
        {
            // Trust is not judged here, only dates, and nothing is sent over the connection: an expired certificate must be seen, not
            // refused.
#pragma warning disable CA5359
            var tls = new SslStream(stream, leaveInnerStreamOpen: true, static (_, _, _, _) => true);
#pragma warning restore CA5359
            await using (tls.ConfigureAwait(false))
            {
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellation)
                    .ConfigureAwait(false);
                return tls.RemoteCertificate is { } remote ?
                    X509CertificateLoader.LoadCertificate(remote.Export(X509ContentType.Cert)) :
                    null;
            }
        }
    }
}
