using System.Diagnostics;
using Data.TestServers.Folders;
using Npgsql;
using PrivateServers;
using PrivateServers.Ports;
using PrivateServers.Postgres;
using PrivateServers.Processes;

namespace Data.TestServers.Tests.Postgres;

public sealed class PrivatePostgresTests : IDisposable
{
    private readonly string _folder = TestRun.Current.NewFolder("private");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => TestRun.Remove(_folder);

    [Fact]
    public async Task StartAsync_ASecondTime_FindsDataAndPasswordAgain()
    {
        TestServers.Require(ServerKind.Postgres);
        string password;
        await using (var first = await StartAsync(new() { Folder = _folder, Database = "config" }))
        {
            password = first.Password;
            File.GetUnixFileMode(Path.Combine(_folder, "password")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(first.DataFolder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await RunAsync(first, "CREATE TABLE kept AS SELECT 3 AS n");
            (await RunAsync(first, "SHOW data_checksums")).ShouldBe("on");
            (await RunAsync(first, "SHOW fsync")).ShouldBe("on");
            (await RunAsync(first, "SELECT current_database()")).ShouldBe("config");
        }

        await using var second = await StartAsync(new() { Folder = _folder, Database = "config" });
        second.Password.ShouldBe(password);
        (await RunAsync(second, "SELECT n FROM kept")).ShouldBe(3);

        await PidOfAStrangerIsNoObstacleAsync(second);
        await OtherMajorVersionIsNamedAsync(second);
    }

    [Fact]
    public async Task StartAsync_FolderInUse_SaysSo()
    {
        await using var first = await StartAsync(new() { Folder = _folder, Seed = Data.TestServers.Postgres.PostgresTemplate.SeedAsync });
        var error = await Should.ThrowAsync<ServerStartException>(() => StartAsync(new() { Folder = _folder }));
        error.Message.ShouldContain("in use by another process");
        (await RunAsync(first, "SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task StartAsync_WrongSetting_ShowsTheServersLog()
    {
        var error = await Should.ThrowAsync<ServerStartException>(() => StartAsync(new()
        {
            Folder = _folder,
            Settings = { ["shared_buffers"] = "nonsense" },
            Seed = Data.TestServers.Postgres.PostgresTemplate.SeedAsync,
        }));
        error.Message.ShouldContain("shared_buffers");
    }

    [Fact]
    public async Task StartAsync_PortTaken_SaysWhich()
    {
        TestServers.Require(ServerKind.Postgres);
        using var port = LoopbackPort.Any();
        var error = await Should.ThrowAsync<ServerStartException>(() => StartAsync(new() { Folder = _folder, Port = port.Number }));
        error.Message.ShouldContain($"Port {port.Number}");
    }

    // The crash left postmaster.pid with an id that now belongs to some other program.
    private static async Task PidOfAStrangerIsNoObstacleAsync(PrivatePostgres server)
    {
        var file = PostmasterFile.PathIn(server.DataFolder);
        var lines = await File.ReadAllLinesAsync(file, Token);
        await server.KillAsync();
        using var stranger = Process.Start("sleep", "60");
        lines[0] = stranger.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await File.WriteAllLinesAsync(file, lines, Token);
        await server.StartAgainAsync(Token);
        (await RunAsync(server, "SELECT n FROM kept")).ShouldBe(3);
        stranger.HasExited.ShouldBeFalse();
        stranger.Kill();
    }

    private static async Task OtherMajorVersionIsNamedAsync(PrivatePostgres server)
    {
        await server.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(server.DataFolder, "PG_VERSION"), "9\n", Token);
        var error = await Should.ThrowAsync<ServerStartException>(() => StartAsync(new() { Folder = server.Folder }));
        error.Message.ShouldContain("was made by PostgreSQL 9");
    }

    private static Task<PrivatePostgres> StartAsync(PrivatePostgresOptions options) =>
        TestServers.StartAsync(() => PrivatePostgres.StartAsync(options, cancellationToken: Token));

    private static async Task<object?> RunAsync(PrivatePostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        return await new NpgsqlCommand(sql, connection).ExecuteScalarAsync(Token);
    }
}
