using ConfigurationService.Settings;
using Microsoft.Extensions.Configuration;

namespace ConfigurationService.Tests.Hosting;

public sealed class SettingsTests
{
    private const string Postgres = "Host=db;Database=configuration;Username=owner;Password=hush";

    [Fact]
    public void Read_Nothing_IsEmbeddedModeOnPort8104()
    {
        var settings = Read();
        settings.Storage.Embedded.ShouldBeTrue();
        settings.Storage.DataDirectory.ShouldBe(Path.GetFullPath("data"));
        settings.Web.Urls.ShouldBe("http://127.0.0.1:8104");
        settings.Cache.Ttl.ShouldBe(TimeSpan.FromSeconds(300));
        settings.Secrets.AdminKeyFile.ShouldBe(Path.GetFullPath("data/admin.key"));
        settings.Telemetry.OtlpEndpoint.ShouldBeNull();
    }

    [Fact]
    public void Read_WithPostgresButWithoutSecrets_NamesBoth()
    {
        var faults = Faults(("ConnectionStrings:Postgres", Postgres));
        faults.ShouldContain("Encryption:Key: is missing");
        faults.ShouldContain("Keys:Admin: is missing");
        faults.ShouldNotContain("hush");
    }

    [Fact]
    public void Read_SeveralWrong_NamesEachAtOnceWithWhatWouldBeRight()
    {
        var faults = Faults(
            ("PORT", "http"),
            ("Cache:TtlSeconds", "0"),
            ("Limits:MaxBodyBytes", "9999999999"),
            ("Cache:TtlSecond", "5"),
            ("Cors:Origins", "https://ok.example, nonsense"));
        faults.Split('\n').Length.ShouldBe(6, faults);
        faults.ShouldContain("PORT: 'http' is not a whole number from 0 to 65535 (default 8104)");
        faults.ShouldContain("Cache:TtlSeconds: '0' is not a whole number from 1 to 86400");
        faults.ShouldContain("Cache:TtlSecond: there is no such setting; Cache has KeyOutageSeconds, KeyTtlSeconds, TtlSeconds");
        faults.ShouldContain("Cors:Origins: 'nonsense' is not an origin");
    }

    [Theory]
    [InlineData("Hoost=db;Password=hush")]
    [InlineData("Username=x;Password=hush")]
    [InlineData("Port=abc;Password=hush")]
    public void Read_BrokenConnectionString_IsNamedWithoutItsPassword(string text)
    {
        var faults = Faults(("ConnectionStrings:Postgres", text), ("Encryption:Key", "k"), ("Keys:Admin", "k"));
        faults.ShouldContain("ConnectionStrings:Postgres");
        faults.ShouldNotContain("hush");
    }

    [Fact]
    public void Read_ApplicationLoginWithoutTheOwners_IsAFault() =>
        Faults(("ConnectionStrings:PostgresApplication", Postgres)).ShouldContain("ConnectionStrings:PostgresApplication: is set without");

    [Theory]
    [InlineData("collector")]
    [InlineData("collector:4317")]
    [InlineData("ftp://collector:4317")]
    public void Read_CollectorThatIsNoAddress_IsAFault(string text) => Faults(("OTEL_EXPORTER_OTLP_ENDPOINT", text))
        .ShouldContain($"OTEL_EXPORTER_OTLP_ENDPOINT: '{text}' is not an http or https address, e.g. http://localhost:4317");

    [Fact]
    public void Read_ProtocolThatTheExporterDoesNotKnow_IsAFault() => Faults(("OTEL_EXPORTER_OTLP_PROTOCOL", "bogus"))
        .ShouldContain("OTEL_EXPORTER_OTLP_PROTOCOL: 'bogus' is not a protocol of the exporter; use grpc or http/protobuf");

    [Fact]
    public void Read_Collector_IsWhereTelemetryIsSent() =>
        Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector:4318")).Telemetry.OtlpEndpoint.ShouldBe(new Uri("https://collector:4318"));

    private static string Faults(params (string Name, string Value)[] settings) =>
        Should.Throw<SettingsException>(() => Read(settings)).Message;

    private static ServiceSettings Read(params (string Name, string Value)[] settings) => ServiceSettings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(static s => s.Name, static s => (string?)s.Value)).Build());
}
