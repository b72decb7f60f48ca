using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Npgsql;

namespace Data.TestServers.Tests.Tls;

public sealed class TlsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Postgres_TlsRequired_AcceptsVerifiedClientsOnly()
    {
        await using var postgres = await PostgresServer.StartAsync(
            new PostgresServerOptions { Tls = new TlsOptions { Names = ["localhost"], Required = true }, Replica = true }, Token);
        var tls = postgres.Tls.ShouldNotBeNull();

        await OpenAsync(
            postgres,
            settings => (settings.Host, settings.SslMode, settings.RootCertificate) = ("localhost", SslMode.VerifyFull, tls.AuthorityPath));
        await OpenAsync(
            postgres.Replica!,
            settings => (settings.Host, settings.SslMode, settings.RootCertificate) = ("localhost", SslMode.VerifyFull, tls.AuthorityPath));
        await Should.ThrowAsync<PostgresException>(() => OpenAsync(postgres, settings => settings.SslMode = SslMode.Disable));
        await Should.ThrowAsync<NpgsqlException>(() => OpenAsync(postgres, settings => settings.SslMode = SslMode.VerifyFull));
        await Should.ThrowAsync<NpgsqlException>(() => OpenAsync(
            postgres, settings => (settings.Host, settings.SslMode, settings.RootCertificate) = ("127.0.0.1", SslMode.VerifyFull, tls
                .AuthorityPath)));
    }

    [Fact]
    public async Task Postgres_ExpiredCertificate_IsRefusedByVerifyingClients()
    {
        await using var postgres = await PostgresServer.StartAsync(
            new PostgresServerOptions { Tls = new TlsOptions { Validity = TimeSpan.FromDays(-2) } },
            Token);
        await OpenAsync(postgres, settings => settings.SslMode = SslMode.Require);
        await Should.ThrowAsync<NpgsqlException>(() => OpenAsync(
            postgres, settings => (settings.SslMode, settings.RootCertificate) = (SslMode.VerifyFull, postgres.Tls!.AuthorityPath)));
    }

    [Fact]
    public async Task Redis_Tls_AnswersClientsThatTrustTheAuthority()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Tls = new TlsOptions(), Password = "secret" }, Token);
        (await redis.ExecuteAsync("PING")).ShouldBe("PONG");

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(redis.Host, redis.Port, Token);
        await using var stream = new SslStream(new NetworkStream(socket));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(redis.Tls!.AuthorityPath));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy },
            Token);
        await stream.WriteAsync("AUTH secret\r\n"u8.ToArray(), Token);
        var buffer = new byte[16];
        Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, Token)).ShouldBe("+OK\r\n");

        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await stranger.ConnectAsync(redis.Host, redis.Port, Token);
        await using var untrusting = new SslStream(new NetworkStream(stranger));
        await Should.ThrowAsync<AuthenticationException>(() => untrusting.AuthenticateAsClientAsync("localhost"));
    }

    private static async Task OpenAsync(PostgresServer postgres, Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Pooling = false };
        change(settings);
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", connection);
        (await command.ExecuteScalarAsync(Token)).ShouldBe(true);
    }
}
