using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using ConfigurationService.Keys;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Hosting;

/// <summary>What no waiting mends ends the start with one message and exit code 78, never with an unhandled exception.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StartFaultTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("configuration-service-start-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Password", "wrong", "the server refuses the login")]
    [InlineData("Username", "nobody_here", "the server refuses the login")]
    [InlineData("Database", "nowhere", "the database 'nowhere' does not exist")]
    public async Task Login_ThatTheServerRefuses_IsNamed(string part, string value, string message)
    {
        var owned = await OwnedDatabase.CreateAsync();
        await EndsAsync([$"ConnectionStrings:Postgres: {message}"], External($"{owned.Owner};{part}={value}"));
    }

    [Fact]
    public async Task BothLogins_Refused_AreNamedTogether()
    {
        var owned = await OwnedDatabase.CreateAsync();
        await EndsAsync(
            ["ConnectionStrings:Postgres: the server", "ConnectionStrings:PostgresApplication: the server"],
            [.. External($"{owned.Owner};Password=wrong"), ("ConnectionStrings__PostgresApplication", $"{owned.Owner};Password=wrong")]);
    }

    [Fact]
    public async Task OwnerWithoutCreateRole_AndNoOtherLogin_IsToldWhatToDo()
    {
        var owned = await OwnedDatabase.CreateAsync(attributes: "");
        await EndsAsync(["ConnectionStrings:PostgresApplication: is not set", "give the owner CREATEROLE"], External(owned.Owner));
    }

    [Fact]
    public async Task LoginThatOwnsNothing_IsToldWhichRightItLacks()
    {
        var owned = await OwnedDatabase.CreateAsync();
        var stranger = await owned.MakeLoginAsync($"{owned.Name}_stranger");
        await EndsAsync(["ConnectionStrings:Postgres: the owner lacks a right", "permission denied for schema public"], External(stranger));
    }

    [Fact]
    public async Task ApplicationLogin_WithCreateRole_IsRefused()
    {
        var owned = await OwnedDatabase.CreateAsync();
        var login = await owned.MakeLoginAsync($"{owned.Name}_strong", "CREATEROLE");
        await EndsAsync(["has CREATEROLE"], [.. External(owned.Owner), ("ConnectionStrings__PostgresApplication", login)]);
    }

    [Fact]
    public async Task Port_InUse_IsNamed()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var owned = await OwnedDatabase.CreateAsync();
        await EndsAsync(
            ["PORT or URLS: ", "address already in use"],
            [.. External(owned.Owner), ("PORT", $"{((IPEndPoint)taken.LocalEndpoint).Port}")]);
    }

    [Fact]
    public async Task Address_OfAnotherMachine_IsNamed()
    {
        var owned = await OwnedDatabase.CreateAsync();
        await EndsAsync(["PORT or URLS: "], [.. External(owned.Owner), ("URLS", "http://192.0.2.1:8104")]);
    }

    [Fact]
    public async Task Https_WithoutACertificate_IsNamed()
    {
        var owned = await OwnedDatabase.CreateAsync();
        await EndsAsync(["URLS: "], [.. External(owned.Owner), ("URLS", "https://127.0.0.1:0")]);
    }

    [Fact]
    public async Task Folder_InUse_IsNamed()
    {
        await using var first = await RunningService.StartAsync(_folder.FullName);
        await EndsAsync(["DATA_DIR: ", "is in use by another process"]);
    }

    [Fact]
    public async Task Folder_ThatIsAFile_IsNamed()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "data"), "", TestContext.Current.CancellationToken);
        await EndsAsync(["DATA_DIR: '"]);
    }

    [Fact]
    public async Task EverySetting_IsJudgedBeforeAnythingIsMade()
    {
        await EndsAsync(
            [
                "URLS: 'nonsense' is not an address", "Logging:LogLevel:Default: 'loud' is not a log level", "Keys:Admin: must be",
                "Encryption:Key: must be", "ConnectionStrings:Redis: names no server",
            ],
            ("URLS", "nonsense"), ("Logging__LogLevel__Default", "loud"), ("Keys__Admin", "short"), ("Encryption__Key", "short"),
            ("ConnectionStrings__Redis", ";;;"));
        _folder.GetFileSystemInfos().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--migrat", "--migrat: there is no such argument")]
    [InlineData("migrate", "migrate: there is no such argument")]
    [InlineData("--urls", "--urls: has no value")]
    [InlineData("--Cache:Ttl=5", "Cache:Ttl: there is no such setting")]
    public async Task Argument_ThatMeansNothing_IsNamed(string argument, string message)
    {
        var (exitCode, output) = await RunningService.RunAsync(_folder.FullName, [argument]);
        exitCode.ShouldBe(78, output);
        output.ShouldContain(message);
    }

    [Fact]
    public async Task DataFolder_OthersCannotReadIt()
    {
        await using var service = await RunningService.StartAsync(_folder.FullName);
        (await service.Admin.PostAsync("/documents", """{"documents":[{"text":"private"}]}""")).Expect(HttpStatusCode.OK);
        const UnixFileMode readable = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        (File.GetUnixFileMode(Path.Combine(_folder.FullName, "data")) & readable).ShouldBe(UnixFileMode.None);
        var documents = File.GetUnixFileMode(Path.Combine(_folder.FullName, "data", "vectors"));
        (documents & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)).ShouldBe(UnixFileMode.None);
    }

    private async Task EndsAsync(string[] messages, params (string Name, string Value)[] settings)
    {
        var (exitCode, output) = await RunningService.RunAsync(_folder.FullName, [], settings);
        exitCode.ShouldBe(78, output);
        foreach (var message in messages)
            output.ShouldContain(message);
        // The log may tell more, of what was running already.
        output.ShouldNotContain("Unhandled exception.", Case.Sensitive);
        output.ShouldNotContain("wrong");
    }

    private static (string Name, string Value)[] External(string owner) =>
    [
        ("ConnectionStrings__Postgres", owner),
        ("Encryption__Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        ("Keys__Admin", ApiKeySecret.Create()),
    ];
}
