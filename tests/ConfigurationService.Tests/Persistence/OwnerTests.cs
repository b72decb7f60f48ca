using System.Net;
using ConfigurationService.Persistence;
using ConfigurationService.Tests.Service;
using Microsoft.Extensions.DependencyInjection;

namespace ConfigurationService.Tests.Persistence;

/// <summary>The service under owners with different rights, none of them a superuser: every start, not only the first.</summary>
public sealed class OwnerTests
{
    [Fact]
    public async Task Start_OwnerWithCreateRole_ServesAgainAndBesideAnother()
    {
        await using var first = await ServiceDatabase.StartAsync();
        (await first.SqlAsync($"SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = '{first.Database.Name}_owner'"))
            .ShouldBe(false);
        (await first.Admin.PutAsync("/config/t/map/here", new { api_key = "k" })).Expect(HttpStatusCode.Created);
        await using var second = await first.StartAnotherAsync();
        await using var third = await first.StartAnotherAsync();
        (await third.Admin.PutAsync("/config/t/map/here", new { api_key = "k" })).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Start_OwnerThatLostCreateRole_ServesWithTheRoleThatIsThere()
    {
        await using var first = await ServiceDatabase.StartAsync();
        await first.SqlAsync($"ALTER ROLE {first.Database.Name}_owner NOCREATEROLE");
        await using var second = await first.StartAnotherAsync();
        (await second.Admin.PutAsync("/config/t/map/here", new { })).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Start_RoleWithAnotherPassword_GetsItsOwnBack()
    {
        await using var first = await ServiceDatabase.StartAsync();
        await first.SqlAsync($"ALTER ROLE {first.Database.Name}_app PASSWORD 'another'");
        await using var second = await first.StartAnotherAsync();
        (await second.Admin.PutAsync("/config/t/map/here", new { })).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Start_OwnerWithoutCreateRole_ServesWithAGivenLogin()
    {
        var owned = await OwnedDatabase.CreateAsync(attributes: "");
        var login = await owned.MakeLoginAsync($"{owned.Name}_given");
        await using var first = await ServiceDatabase.StartAsync(database: owned, application: login);
        (await first.Admin.PutAsync("/config/t/map/here", new { })).Expect(HttpStatusCode.Created);
        first.Services.GetRequiredService<DatabaseConnections>().ApplicationRole.ShouldBe($"{owned.Name}_given");
        await using var second = await first.StartAnotherAsync();
        (await second.Admin.GetAsync("/config/t/map/here")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task PlainSql_ByAnAdministratorOfAnOrdinaryOwnersTables_IsRecordedAndLeavesTheTenantAlone()
    {
        await using var service = await ServiceDatabase.StartAsync();
        await service.SqlAsync("INSERT INTO provider_configs (tenant_id, provider_type, provider_name) VALUES ('a', 'map', 'here'), "
            + "('b', 'map', 'here')");
        await service.SqlAsync("UPDATE provider_configs SET enabled = false");
        (await service.SqlAsync(
            "SET app.tenant_id = 'mine'; DELETE FROM provider_configs WHERE tenant_id = 'b'; SELECT current_setting('app.tenant_id')"))
            .ShouldBe("mine");
        foreach (var (tenant, changes) in ((string, int)[])[("a", 2), ("b", 3)])
        {
            var chain = (await service.Admin.GetAsync($"/config/{tenant}/history/verify")).Json;
            chain.GetProperty("entries").GetInt32().ShouldBe(changes);
            chain.GetProperty("intact").GetBoolean().ShouldBeTrue();
        }
    }

    [Fact]
    public async Task PlainSql_ByALoginThatMayOnlyWriteTheTable_ContinuesItsVersions()
    {
        await using var service = await ServiceDatabase.StartAsync();
        (await service.Admin.PutAsync("/config/t/map/here", new { })).Expect(HttpStatusCode.Created);
        (await service.Admin.DeleteAsync("/config/t/map/here")).Expect(HttpStatusCode.NoContent);
        var login = await service.Database.MakeLoginAsync($"{service.Database.Name}_import", "BYPASSRLS");
        await service.SqlAsync($"GRANT INSERT ON provider_configs TO {service.Database.Name}_import");
        await OwnedDatabase.RunAsync(
            login, "INSERT INTO provider_configs (tenant_id, provider_type, provider_name) VALUES ('t', 'map', 'here')");
        (await service.Admin.GetAsync("/config/t/map/here")).Json.GetProperty("version").GetInt32().ShouldBe(3);
    }
}
