using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Data.Health.Contributors.Network;
using Data.Health.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Tests.Contributors;

public sealed class NetworkCheckTests
{
    private static readonly HealthCheckContext Context = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("200 OK", HealthStatus.Healthy)]
    [InlineData("204 No Content", HealthStatus.Healthy)]
    [InlineData("301 Moved", HealthStatus.Unhealthy)]
    [InlineData("500 Internal Server Error", HealthStatus.Unhealthy)]
    public async Task Http_StatusLine_DecidesOnHealth(string status, HealthStatus expected)
    {
        await using var server = new StandIn(_ => StandIn.Http("", status));
        using var client = BoundedHttp.NewClient();
        var check = new HttpCheck(new HttpHealthOptions(), client, server.Address, TimeProvider.System);
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(expected);
    }

    [Fact]
    public async Task Http_SlowerThanTheLimit_IsDegraded()
    {
        await using var server = new StandIn(_ => StandIn.Http(""));
        using var client = BoundedHttp.NewClient();
        var options = new HttpHealthOptions { DegradedLatency = TimeSpan.FromTicks(1) };
        (await new HttpCheck(options, client, server.Address, TimeProvider.System).CheckHealthAsync(Context, Cancellation)).Data["reason"]
            .ShouldBe("slow");
    }

    [Fact]
    public async Task Tcp_ListenerAndNoListener_AreHealthyAndFailed()
    {
        int port;
        await using (var server = new StandIn(_ => null))
        {
            port = server.Port;
            (await new TcpCheck(new TcpHealthOptions { Host = "127.0.0.1", Port = port }, TimeProvider.System).CheckHealthAsync(
                Context,
                Cancellation))
                .Status.ShouldBe(HealthStatus.Healthy);
        }

        await Should.ThrowAsync<SocketException>(() =>
            new TcpCheck(new TcpHealthOptions { Host = "127.0.0.1", Port = port }, TimeProvider.System).CheckHealthAsync(
                Context,
                Cancellation));
    }

    [Theory]
    [InlineData(60, HealthStatus.Healthy, null)]
    [InlineData(20, HealthStatus.Degraded, "certificate_expiring")]
    [InlineData(3, HealthStatus.Unhealthy, "certificate_expiring")]
    [InlineData(-1, HealthStatus.Unhealthy, "certificate_expired")]
    public async Task Certificate_InAFile_IsJudgedByTheTimeLeft(int days, HealthStatus status, string? reason)
    {
        using var certificate = NewCertificate(days);
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, certificate.ExportCertificatePem(), Cancellation);
            var result = await new CertificateCheck(new CertificateHealthOptions { FilePath = path }, TimeProvider.System).CheckHealthAsync(
                Context,
                Cancellation);
            result.Status.ShouldBe(status);
            result.Data.GetValueOrDefault("reason").ShouldBe(reason);

            await File.WriteAllBytesAsync(path, certificate.Export(X509ContentType.Pfx, "pw"), Cancellation);
            (await new CertificateCheck(new CertificateHealthOptions { FilePath = path, FilePassword = "pw" }, TimeProvider.System)
                .CheckHealthAsync(Context, Cancellation))
                .Status.ShouldBe(status);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Certificate_OfAnEndpoint_IsReadEvenWhenExpired()
    {
        using var certificate = NewCertificate(-1);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serve = ServeAsync(listener, certificate);
        var options = new CertificateHealthOptions { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port };
        var result = await new CertificateCheck(options, TimeProvider.System).CheckHealthAsync(Context, Cancellation);
        result.Data["reason"].ShouldBe("certificate_expired");
        await serve;
    }

    [Fact]
    public async Task Certificate_Missing_IsUnhealthy() =>
        (await new CertificateCheck(new CertificateHealthOptions { FilePath = "/nowhere.pem" }, TimeProvider.System).CheckHealthAsync(
            Context,
            Cancellation))
            .Data["reason"].ShouldBe("certificate_missing");

    private static async Task ServeAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using var client = await listener.AcceptTcpClientAsync(Cancellation);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(certificate);
        try
        {
            _ = await tls.ReadAsync(new byte[1], Cancellation);
        }
        catch (IOException)
        {
            // The check hangs up once it has seen the certificate; whether that is an orderly end is its own affair.
        }
    }

    private static X509Certificate2 NewCertificate(int daysLeft)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-100), DateTimeOffset.UtcNow.AddDays(daysLeft).AddHours(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null, X509KeyStorageFlags.Exportable);
    }
}
