using System.Data.Common;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Vector.Tests.PgVector;

/// <summary>Row-level security and rights, as logins that are no superusers.</summary>
public sealed class PgTenantTests(PgRoles roles) : IClassFixture<PgRoles>, IAsyncLifetime
{
    private const string Setting = "app.tenant_id";

    private readonly string _schema = $"s_{Guid.NewGuid():N}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // The session, and what the test before set in it, outlives connections.
    public async ValueTask InitializeAsync() => await roles.AsSuperuserAsync(
        "SELECT set_config('app.tenant_id', '', false)",
        $"CREATE SCHEMA {_schema} AUTHORIZATION owner",
        $"GRANT USAGE ON SCHEMA {_schema} TO app, reader",
        $"ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA {_schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app",
        $"ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA {_schema} GRANT SELECT ON TABLES TO reader");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task TenantSetting_TwoTenants_SeeAndChangeTheirOwnRecordsOnly()
    {
        await CreateAsync(Options(Setting));
        var tenant = new Tenant();
        await using var app = roles.As("app");
        await using var services = new ServiceCollection()
            .AddSingleton<DbDataSource>(app)
            .AddSingleton<IVectorTenant>(tenant)
            .AddDataVector(options =>
            {
                options.Provider = VectorStoreProvider.PgVector;
                options.PgVector = Options(Setting);
            })
            .Services.BuildServiceProvider();
        var collection = await services.GetRequiredService<IVectorStore>().GetCollectionAsync("things", Cancel);
        foreach (var name in (string[])["acme", "o'hara; --"])
        {
            tenant.Current = name;
            await collection.AddAsync([Record("same", 1, name), Record("own " + name, 2, name)], Cancel);
            await collection.UpsertAsync([Record("same", 3, name)], Cancel);
            await collection.UpdateAsync([new VectorRecordUpdate("own " + name) { Metadata = new() { ["n"] = 1 } }], Cancel);
        }

        foreach (var name in (string[])["acme", "o'hara; --"])
        {
            tenant.Current = name;
            (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(2);
            (await collection.CountAsync(VectorFilter.Eq("n", 1), Cancel)).ShouldBe(1);
            var all = await collection.StreamAsync(cancellationToken: Cancel).ToListAsync(Cancel);
            all.Select(record => record.Document).ShouldBe([name, name]);
            var found = await collection.SearchAsync(new(new float[] { 3, 0 }) { Top = 10 }, Cancel);
            found.Select(match => match.Id).ShouldBe(["same", "own " + name]);
            (await collection.GetAsync(["same"], true, Cancel)).ShouldHaveSingleItem().Document.ShouldBe(name);
            await Should.ThrowAsync<VectorRecordExistsException>(() => collection.AddAsync([Record("same", 1, name)], Cancel));
        }

        tenant.Current = "acme";
        (await collection.DeleteAsync(["same", "own o'hara; --"], Cancel)).ShouldBe(1);
        (await collection.DeleteAsync(!VectorFilter.Eq("x", 1), Cancel)).ShouldBe(1);
        tenant.Current = "o'hara; --";
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(2);
    }

    [Theory]
    [InlineData("app")]
    [InlineData("owner")]
    public async Task TenantSetting_StatementsOfTheLoginsOwn_AreBoundByThePolicy(string role)
    {
        await CreateAsync(Options(Setting));
        var tenant = new Tenant { Current = "acme" };
        await using var source = roles.As(role);
        var store = new PgVectorStore(source, Options(Setting), tenant: tenant);
        await (await store.GetCollectionAsync("things", Cancel)).AddAsync([Record("a", 1, "x")], Cancel);

        // The setting of the last transaction is gone.
        (await PgRoles.ScalarAsync(source, $"SELECT count(*) FROM {_schema}.things")).ShouldBe(0L);
        (await PgRoles.ScalarAsync(source, "SELECT set_config('app.tenant_id', 'acme', false)")).ShouldBe("acme");
        (await PgRoles.ScalarAsync(source, $"SELECT count(*) FROM {_schema}.things")).ShouldBe(1L);
        var refused = await Should.ThrowAsync<PostgresException>(
            () => PgRoles.ScalarAsync(source, $"INSERT INTO {_schema}.things (tenant_id, id, embedding) VALUES ('other', 'b', '[1,2]')"));
        refused.SqlState.ShouldBe("42501");
    }

    [Fact]
    public async Task TenantSetting_NoTenant_FailsClosed()
    {
        await CreateAsync(Options(Setting));
        var tenant = new Tenant { Current = "acme" };
        await using var app = roles.As("app");
        var collection = await new PgVectorStore(app, Options(Setting), tenant: tenant).GetCollectionAsync("things", Cancel);
        await collection.AddAsync([Record("a", 1, "x")], Cancel);

        foreach (var missing in (string?[])[null, "", new string('x', 201), "a\0"])
        {
            tenant.Current = missing;
            await Should.ThrowAsync<VectorInputException>(() => collection.CountAsync(cancellationToken: Cancel));
        }

        // Where the connections should tell it, and do not.
        var silent = await new PgVectorStore(app, Options(Setting)).GetCollectionAsync("things", Cancel);
        (await silent.CountAsync(cancellationToken: Cancel)).ShouldBe(0);
        (await Should.ThrowAsync<VectorStoreProtocolException>(() => silent.AddAsync([Record("b", 1, "x")], Cancel))).Message
            .ShouldContain("tenant");
        await roles.AsSuperuserAsync("RESET app.tenant_id");
        var everybody = await new PgVectorStore(roles.Server.DataSource, Options(Setting)).GetCollectionAsync("things", Cancel);
        (await everybody.CountAsync(cancellationToken: Cancel)).ShouldBe(0);
        (await Should.ThrowAsync<VectorStoreProtocolException>(() => everybody.AddAsync([Record("b", 1, "x")], Cancel))).Message
            .ShouldContain("tenant");
        Should.Throw<VectorInputException>(() => new PgVectorStore(app, Options(), tenant: tenant)).Message.ShouldContain("TenantSetting");
    }

    [Fact]
    public async Task TenantSetting_SuperuserAndSettingOnTheConnection_SeesOneTenantToo()
    {
        await CreateAsync(Options(Setting));
        var tenant = new Tenant { Current = "acme" };
        var store = new PgVectorStore(roles.Server.DataSource, Options(Setting), tenant: tenant);
        var collection = await store.GetCollectionAsync("things", Cancel);
        await collection.AddAsync([Record("a", 1, "acme")], Cancel);
        tenant.Current = "other";
        await collection.AddAsync([Record("a", 1, "other"), Record("b", 1, "other")], Cancel);
        tenant.Current = "acme";
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
        (await collection.GetAsync(["a", "b"], true, Cancel)).ShouldHaveSingleItem().Document.ShouldBe("acme");
        (await collection.DeleteAsync(["a", "b"], Cancel)).ShouldBe(1);

        await roles.AsSuperuserAsync("SELECT set_config('app.tenant_id', 'other', false)");
        var carried = await new PgVectorStore(roles.Server.DataSource, Options(Setting)).GetCollectionAsync("things", Cancel);
        (await carried.CountAsync(cancellationToken: Cancel)).ShouldBe(2);
    }

    [Fact]
    public async Task Policies_OfTheApplication_BindTheStore()
    {
        await CreateAsync(Options());
        await roles.AsSuperuserAsync(
            $"INSERT INTO {_schema}.things (id, embedding, metadata) VALUES ('hidden', '[1,0]', '{{\"team\": \"b\"}}')",
            $"ALTER TABLE {_schema}.things ENABLE ROW LEVEL SECURITY",
            $"CREATE POLICY team ON {_schema}.things USING (metadata ->> 'team' = 'a')");
        await using var app = roles.As("app");
        var collection = await new PgVectorStore(app, Options()).GetCollectionAsync("things", Cancel);
        VectorRecord Of(string id, string team) => new(id, new float[] { 1, 0 }) { Metadata = new() { ["team"] = team } };

        await collection.AddAsync([Of("seen", "a")], Cancel);

        (await collection.SearchAsync(new(new float[] { 1, 0 }), Cancel)).ShouldHaveSingleItem().Id.ShouldBe("seen");
        (await Should.ThrowAsync<VectorRecordExistsException>(() => collection.AddAsync([Of("hidden", "a")], Cancel))).Message
            .ShouldContain("policy");
        (await Should.ThrowAsync<VectorStoreProtocolException>(() => collection.UpsertAsync([Of("new", "b")], Cancel))).Error
            .ShouldBe("42501");
        (await collection.DeleteAsync(["hidden"], Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task Login_WithoutRights_ReadsAndIsToldWhyItCannotWrite()
    {
        var collection = await CreateAsync(Options());
        await collection.AddAsync([Record("a", 1, "x")], Cancel);
        await using (var reader = roles.As("reader"))
        {
            var store = new PgVectorStore(reader, Options());
            var read = await store.GetOrCreateCollectionAsync("things", new() { Dimensions = 2, Metric = DistanceMetric.L2 }, Cancel);
            (await read.SearchAsync(new(new float[] { 1, 0 }), Cancel)).Count.ShouldBe(1);
            (await store.ValidateAsync(Cancel)).Succeeded.ShouldBeTrue();
            Func<Task>[] rejected =
            [
                () => read.UpsertAsync([Record("b", 1, "x")], Cancel),
                () => read.DeleteAsync(["a"], Cancel),
                () => store.CreateCollectionAsync("more", new() { Dimensions = 2 }, Cancel),
                () => store.DeleteCollectionAsync("things", Cancel),
            ];
            foreach (var call in rejected)
                (await Should.ThrowAsync<VectorStoreProtocolException>(call)).Message.ShouldContain("right");
        }

        await using (var app = roles.As("app"))
        {
            // It may write rows, and not drop another's table: then nothing is deleted.
            var store = new PgVectorStore(app, Options());
            await Should.ThrowAsync<VectorStoreProtocolException>(() => store.DeleteCollectionAsync("things", Cancel));
            (await store.ListCollectionsAsync(Cancel)).ShouldBe(["things"]);
        }

        await using var standby = roles.Server.NewDataSource("SET default_transaction_read_only = on");
        var frozen = await new PgVectorStore(standby, Options()).GetCollectionAsync("things", Cancel);
        (await frozen.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
        await Should.ThrowAsync<VectorStoreReadOnlyException>(() => frozen.UpsertAsync([Record("b", 1, "x")], Cancel));
        await roles.AsSuperuserAsync("SET default_transaction_read_only = off");
    }

    private static VectorRecord Record(string id, float first, string document) => new(id, new[] { first, 0 }) { Document = document };

    private PgVectorStoreOptions Options(string? setting = null) => new() { Schema = _schema, TenantSetting = setting };

    private async Task<IVectorCollection> CreateAsync(PgVectorStoreOptions options)
    {
        await using (var owner = roles.As("owner"))
        {
            await new PgVectorStore(owner, options)
                .CreateCollectionAsync("things", new() { Dimensions = 2, Metric = DistanceMetric.L2 }, Cancel);
        }

        await roles.AsSuperuserAsync();
        return await new PgVectorStore(roles.Server.DataSource, options).GetCollectionAsync("things", Cancel);
    }

    private sealed class Tenant : IVectorTenant
    {
        public string? Current { get; set; }
    }
}
