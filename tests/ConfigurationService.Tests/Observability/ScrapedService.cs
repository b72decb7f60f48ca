using ConfigurationService.Tests.Hosting;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Observability;

/// <summary>The service in a process of its own: in one process, hosts of several tests share the names of their meters.</summary>
public sealed class ScrapedService : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("configuration-service-scraped-");
    private RunningService _service = null!;

    internal ServiceClient Admin => _service.Admin;

    public async ValueTask InitializeAsync() => _service = await RunningService.StartAsync(_folder.FullName);

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
