using Data.TestServers;

namespace Data.DocumentationTests;

public sealed class ReadmeProgramTests
{
    public static TheoryData<string> Packages => ["Data.Resilience", "Data.Cache", "Data.Vector", "Data.Health"];

    [Theory]
    [MemberData(nameof(Packages))]
    public Task FirstSample_OfAPackagesReadme_StartsAnswersAndStops(string package)
    {
        var page = $"src/{package}/README.md";
        return RunAsync(Markdown.Blocks(page, Repository.Read(page), "csharp").First(), package);
    }

    [Fact]
    public Task RunAsync_OfAProgramThatWorks_Succeeds() => RunAsync(
        new CodeSample("page.md", 1, """
            var builder = WebApplication.CreateBuilder(args);
            var app = builder.Build();
            app.MapGet("/", () => builder.Configuration.GetConnectionString("Redis"));
            app.Run();
            """),
        "Works");

    [Theory]
    [InlineData("app.MapGet(\"/\", string () => throw new InvalidOperationException(\"no\"));\napp.Run();")]
    [InlineData("throw new InvalidOperationException(\"no\");")]
    public Task RunAsync_OfAProgramThatThrows_Fails(string rest) => Assert.ThrowsAnyAsync<Exception>(() => RunAsync(
        new CodeSample("page.md", 1, "var builder = WebApplication.CreateBuilder(args);\nvar app = builder.Build();\n" + rest),
        "Throws" + rest.Length));

    private static async Task RunAsync(CodeSample sample, string name)
    {
        using var program = ReadmeProgram.Compile(sample, name);
        var postgres = await SharedServers.PostgresAsync();
        var redis = await SharedServers.RedisAsync();

        var address = await program.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Postgres"] = await postgres.CreateDatabaseAsync(),
            ["ConnectionStrings__Redis"] = redis.ConnectionString,
        });
        using var client = new HttpClient { BaseAddress = address };
        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBeLessThan(500, program.Output);
        (await program.StopAsync()).ShouldBe(0, program.Output);
        program.Output.ShouldNotContain("fail: ");
        program.Output.ShouldNotContain("crit: ");
    }
}
