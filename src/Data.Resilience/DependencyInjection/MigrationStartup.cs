using Data.Resilience.Migrations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace Data.Resilience.DependencyInjection;

/// <summary>Migrates when the host starts, if the options say so.</summary>
internal sealed class MigrationStartup<TContext>(IMigrationRunner<TContext> runner, MigrationOptions options) : IHostedService
    where TContext : DbContext
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        options.RunAtStart ? runner.UpAsync(cancellationToken: cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
