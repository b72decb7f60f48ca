using Data.Resilience.Connections;
using Data.Resilience.Sharding;
using Data.Resilience.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.DependencyInjection;

/// <summary>Lists, when the host starts, the mapped tables with a tenant column that row-level security does not protect.</summary>
internal sealed partial class TenantPolicyCheck<TContext>(IServiceProvider provider, TenancyOptions options) : IHostedService
    where TContext : DbContext
{
    private const string Sql =
        """
        SELECT t.name, c.relrowsecurity, c.relforcerowsecurity, EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)
        FROM unnest($1) t(name) JOIN pg_class c ON c.oid = to_regclass(t.name)
        """;

    public Task StartAsync(CancellationToken cancellationToken) =>
        options.PolicyCheckAtStart == TenantPolicyMode.Off ? Task.CompletedTask : CheckAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("Data.Resilience");
        var tables = FindTables();
        var key = typeof(TContext);
        List<DatabaseNode> nodes = [provider.GetRequiredKeyedService<DatabaseNode>(key)];
        if (provider.GetKeyedService<ShardNodes>(key) is { } shards)
            nodes.AddRange(shards.ByName.Values);

        foreach (var node in nodes)
        {
            List<string> unprotected;
            try
            {
                unprotected = await FindUnprotectedAsync(node, tables, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException exception) when (options.PolicyCheckAtStart == TenantPolicyMode.Warn)
            {
                LogNotChecked(logger, exception, node.Name);
                continue;
            }

            if (unprotected.Count == 0)
                continue;

            var list = string.Join(", ", unprotected);
            if (options.PolicyCheckAtStart == TenantPolicyMode.Fail)
            {
                throw new TenantIsolationException($"Tables with a tenant column are not protected on {node.Name}: {list}. Call "
                    + "EnableTenantRowSecurity for each in a migration.");
            }

            LogUnprotected(logger, node.Name, list);
        }
    }

    private string[] FindTables()
    {
        using var context = provider.GetRequiredService<IDbContextFactory<TContext>>().CreateDbContext();
        var sql = context.GetService<ISqlGenerationHelper>();
        return
        [
            .. context.Model.GetRelationalModel().Tables
                .Where(table => table.Columns.Any(column => string.Equals(column.Name, options.TenantColumn, StringComparison.Ordinal)))
                .Select(table => sql.DelimitIdentifier(table.Name, table.Schema)),
        ];
    }

    private static async Task<List<string>> FindUnprotectedAsync(DatabaseNode node, string[] tables, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var command = node.DataSource.CreateCommand(Sql);
        await using var ownedCommand = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = tables });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ownedReader = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var why = (reader.GetBoolean(1), reader.GetBoolean(2), reader.GetBoolean(3)) switch
            {
                (_, _, false) => "no policy",
                (false, _, _) => "row-level security is off",
                (_, false, _) => "row-level security is not forced",
                _ => null,
            };
            if (why is not null)
                found.Add($"{reader.GetString(0)} ({why})");
        }

        return found;
    }

    [LoggerMessage(
        1902, LogLevel.Warning, "Tables with a tenant column are not protected on {Node}: {Tables}. Call EnableTenantRowSecurity for each")]
    private static partial void LogUnprotected(ILogger logger, string node, string tables);

    [LoggerMessage(1903, LogLevel.Warning, "The tenant policies on {Node} could not be checked")]
    private static partial void LogNotChecked(ILogger logger, Exception exception, string node);
}
