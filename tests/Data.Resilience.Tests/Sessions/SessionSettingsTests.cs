using System.Data;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Data.Resilience.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Tests.Sessions;

/// <summary>Settings that an application gives to its sessions, and the READ ONLY of reads with a transaction.</summary>
public sealed class SessionSettingsTests
{
    private const string Secret = "s3cr3t-token";
    private static readonly AsyncLocal<string?> Request = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Session_WithSeveralSources_RunsWithTheSettingsOfItsFlow()
    {
        await using var bank = await CreateAsync();
        var seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(async request =>
        {
            Request.Value = $"request {request}";
            var read = await bank.Sessions.ReadRawAsync(ReadSettingsAsync, cancellationToken: Token);
            var write = await bank.Sessions.WriteRawAsync(ReadSettingsAsync, cancellationToken: Token);
            return read == write ? read : "different";
        }));

        seen.ShouldBe(Enumerable.Range(0, 20).Select(request => $"request {request}|{Secret}"), ignoreOrder: true);
    }

    [Fact]
    public async Task Session_After_LeavesNoSettingOnTheConnection()
    {
        await using var bank = await CreateAsync(o => o.ConnectionString += ";Maximum Pool Size=1");
        Request.Value = "one";
        await bank.Sessions.WriteRawAsync(ReadSettingsAsync, cancellationToken: Token);
        Request.Value = null;

        (await bank.Sessions.ReadRawAsync(ReadSettingsAsync, cancellationToken: Token)).ShouldBe($"|{Secret}");
    }

    [Fact]
    public async Task Join_WithAnotherValue_IsRefusedWithoutTheValue()
    {
        await using var bank = await CreateAsync();
        Request.Value = "outer";
        var (same, other) = await bank.Sessions.WriteAsync(
            async (_, token) =>
            {
                var same = await bank.Sessions.ReadRawAsync(ReadSettingsAsync, cancellationToken: token);
                Request.Value = "inner value";
                return (same, await Should.ThrowAsync<InvalidOperationException>(
                    bank.Sessions.ReadRawAsync(ReadSettingsAsync, cancellationToken: token).AsTask()));
            },
            cancellationToken: Token);

        same.ShouldBe($"outer|{Secret}");
        other.Message.ShouldContain("app.request_id");
        other.Message.ShouldNotContain("inner value");
    }

    [Theory]
    [InlineData("search_path")]
    [InlineData("app.")]
    [InlineData(".app")]
    [InlineData("app..x")]
    [InlineData("app.1x")]
    [InlineData("1app.x")]
    [InlineData("app.x-y")]
    [InlineData("app.x;RESET ALL")]
    [InlineData("äpp.x")]
    [InlineData("")]
    public async Task Add_NameThatIsNotAnApplicationsOwn_IsRefused(string name)
    {
        await using var bank = await BankDatabase.CreateAsync(build: builder => builder.AddSessionSettings(
            (_, settings) => settings.Add(name, Secret)));
        var error = await Should.ThrowAsync<ArgumentException>(
            bank.Sessions.WriteRawAsync(ReadSettingsAsync, cancellationToken: Token).AsTask());

        error.Message.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task Add_LongestNameAndOddValues_ArriveAsTheyAre()
    {
        var name = "app." + new string('n', 122);
        foreach (var value in (string[])["", "'; --", "ü\U0001F9FE", new('v', 100_000)])
        {
            await using var bank = await BankDatabase.CreateAsync(build: builder => builder.AddSessionSettings(
                (_, settings) => settings.Add(name, value)));
            (await bank.Sessions.ReadRawAsync(
                async (NpgsqlConnection connection, CancellationToken token) =>
                {
                    await using var command = new NpgsqlCommand($"SELECT current_setting('{name}')", connection);
                    return (string)(await command.ExecuteScalarAsync(token))!;
                },
                cancellationToken: Token)).ShouldBe(value);
        }
    }

    [Theory]
    [InlineData('\0')]
    [InlineData('\ud83e')]
    [InlineData('\udd2e')]
    public async Task Add_ValueThatCannotBeSent_IsRefusedWithoutBeingQuoted(char wrong)
    {
        var value = Secret + wrong;
        await using var bank = await BankDatabase.CreateAsync(build: builder => builder.AddSessionSettings(
            (_, settings) => settings.Add("app.x", value)));
        var error = await Should.ThrowAsync<ArgumentException>(
            bank.Sessions.WriteRawAsync(ReadSettingsAsync, cancellationToken: Token).AsTask());

        error.Message.ShouldContain("app.x");
        error.Message.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task Add_SettingOfTheTenant_IsRefused()
    {
        await using var bank = await BankDatabase.CreateAsync(build: builder => builder
            .AddSessionSettings((_, settings) => settings.Add("APP.tenant_id", "another"))
            .AddTenancy());

        using (TenantScope.Begin("a"))
        {
            (await Should.ThrowAsync<InvalidOperationException>(
                bank.Sessions.ReadRawAsync(ReadSettingsAsync, cancellationToken: Token).AsTask())).Message.ShouldContain("added twice");
        }
    }

    [Fact]
    public async Task Session_ThatFailsAndRetries_LogsNoValue()
    {
        var log = new RecordingLoggerProvider();
        await using var bank = await CreateAsync(build: builder =>
            builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log)));
        Request.Value = "request";
        await bank.Sessions.WriteRawAsync(
            async (IDbSession session, CancellationToken token) =>
            {
                await using var command = new NpgsqlCommand(
                    session.Attempt == 1 ? "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$" : "SELECT 1",
                    session.Connection);
                return await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken: Token);

        log.Entries.ShouldNotBeEmpty();
        log.Entries.ShouldAllBe(entry => !entry.Text.Contains(Secret));
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task ReadAsync_WithATransaction_IsReadOnlyAndAWriteNamesWriteAsync(IsolationLevel level)
    {
        await using var bank = await BankDatabase.CreateAsync();
        var runs = 0;
        var options = new DbSessionOptions { IsolationLevel = level };
        var error = await Should.ThrowAsync<InvalidOperationException>(bank.Sessions.ReadRawAsync(
            async (NpgsqlConnection connection, CancellationToken token) =>
            {
                runs++;
                await using var command = new NpgsqlCommand("DELETE FROM accounts", connection);
                return await command.ExecuteNonQueryAsync(token);
            },
            options,
            Token).AsTask());

        error.Message.ShouldContain("WriteAsync");
        runs.ShouldBe(1, "Nothing is wrong with the server.");
        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts")).ShouldBe(10);
        (await bank.Sessions.ReadRawAsync(
            async (NpgsqlConnection connection, CancellationToken token) =>
            {
                await using var command = new NpgsqlCommand("SHOW transaction_isolation", connection);
                return (string)(await command.ExecuteScalarAsync(token))!;
            },
            options,
            Token)).Replace(" ", "").ShouldBe(level.ToString(), StringCompareShould.IgnoreCase);
    }

    [Fact]
    public async Task ReadAsync_WithSettings_IsReadOnly()
    {
        await using var bank = await CreateAsync();
        (await Should.ThrowAsync<InvalidOperationException>(bank.Sessions.ReadRawAsync(
            async (NpgsqlConnection connection, CancellationToken token) =>
            {
                await using var command = new NpgsqlCommand("SELECT 1 FROM accounts FOR UPDATE", connection);
                return await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken: Token).AsTask())).Message.ShouldContain("WriteAsync");
    }

    private static Task<BankDatabase> CreateAsync(
        Action<DataResilienceOptions>? configure = null,
        Action<DataResilienceBuilder<Bank>>? build = null) =>
        BankDatabase.CreateAsync(configure, builder =>
        {
            builder.Services.AddSingleton(new Vault(Secret));
            builder.AddSessionSettings<TokenSettings>().AddSessionSettings((_, settings) =>
            {
                if (Request.Value is { } request)
                    settings.Add("app.request_id", request);
            });
            build?.Invoke(builder);
        });

    private static async Task<string> ReadSettingsAsync(NpgsqlConnection connection, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(
            "SELECT coalesce(current_setting('app.request_id', true), '') || '|' || coalesce(current_setting('app.token', true), '')",
            connection);
        return (string)(await command.ExecuteScalarAsync(token))!;
    }

    private sealed record Vault(string Token);

    private sealed class TokenSettings(Vault vault) : ISessionSettings
    {
        public void Collect(DbSessionKind kind, DbSessionOptions options, SessionSettingCollection settings) =>
            settings.Add("app.token", vault.Token);
    }
}
