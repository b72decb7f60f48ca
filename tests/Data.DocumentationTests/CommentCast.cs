namespace Data.DocumentationTests;

/// <summary>
/// What documentation comments talk about without declaring it. A comment shows a call and not a file, so it sees the namespaces of its
/// package, these types and these variables. Pages see none of it.
/// </summary>
internal static class CommentCast
{
    public static string[] Usings { get; } =
    [
        "Microsoft.EntityFrameworkCore", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Diagnostics.HealthChecks",
    ];

    public static Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal)
    {
        ["sessions"] = "global::Data.Resilience.Sessions.IDbSessionFactory<Shop.ShopContext>",
        ["order"] = "Shop.Order",
        ["monitor"] = "global::Data.Resilience.Interceptors.IQueryMonitor",
        ["runner"] = "global::Data.Resilience.Migrations.IMigrationRunner<Shop.ShopContext>",
        ["migrationBuilder"] = "Microsoft.EntityFrameworkCore.Migrations.MigrationBuilder",
        ["cache"] = "global::Data.Cache.DataCache",
        ["responses"] = "global::Data.Cache.Llm.LlmResponseCache",
        ["store"] = "global::Data.Vector.IVectorStore",
        ["collection"] = "global::Data.Vector.IVectorCollection",
        ["embedding"] = "float[]",
        ["query"] = "float[]",
        ["tenantId"] = "string",
        ["httpClient"] = "System.Net.Http.HttpClient",
    };

    public const string Types = """
        global using Shop;
        using System;
        using Microsoft.EntityFrameworkCore;

        namespace Shop;

        public sealed class Order
        {
            public long Id { get; set; }
            public string Number { get; set; } = "";
            public decimal Total { get; set; }
            public DateTimeOffset PlacedAt { get; set; }
        }

        public sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
        {
            public DbSet<Order> Orders => Set<Order>();
        }
        """;
}
