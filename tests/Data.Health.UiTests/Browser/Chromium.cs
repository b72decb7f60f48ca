using System.Reflection;
using Data.TestServers;
using Microsoft.Playwright;

namespace Data.Health.UiTests.Browser;

/// <summary>One headless browser for a test class. It ends with the tests and, because its driver notices, with this process.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Missing = "Chromium is missing: run eng/install-servers.sh chromium, or set DATA_CHROMIUM to its path.";
    private const string DriverVariable = "PLAYWRIGHT_DRIVER_SEARCH_PATH";

    // Nothing but the page under test: no update, no synchronisation, no host beside this machine.
    private static readonly string[] Arguments =
    [
        "--no-first-run",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-extensions",
        "--disable-sync",
        "--disable-component-update",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Find() is not { } program)
            return;
        if (Environment.GetEnvironmentVariable(DriverVariable) is not { Length: > 0 })
            Environment.SetEnvironmentVariable(DriverVariable, DriverFolder());
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = Arguments,

            // Not available to root and in most containers; the only page it opens is our own.
            ChromiumSandbox = false,
            Timeout = Tab.PatienceMilliseconds,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a tab in a new context; without a browser it skips the test, or fails it on CI.</summary>
    internal Task<Tab> OpenAsync(string address, bool dark = false, bool narrow = false)
    {
        if (_browser is null && !TestServers.TestServers.MissingFails)
            Assert.Skip(Missing);
        return Tab.OpenAsync(_browser.ShouldNotBeNull(Missing), address, dark, narrow);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("DATA_CHROMIUM") is { Length: > 0 } chosen)
            return File.Exists(chosen) ? chosen : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Append("/usr/bin")
            .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>The restored package itself: the build does not copy the driver, which is 130 MB large.</summary>
    private static string DriverFolder() => typeof(Chromium).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => string.Equals(a.Key, "PlaywrightPackage", StringComparison.Ordinal)).Value!;
}
