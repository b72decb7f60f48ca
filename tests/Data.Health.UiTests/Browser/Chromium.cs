using System.Diagnostics;
using System.Text.Json.Nodes;
using Data.Health.Tests.Support;
using Data.TestServers;

namespace Data.Health.UiTests.Browser;

/// <summary>One headless browser for a test class, with a profile of its own, gone with the tests however they end.</summary>
public sealed class Chromium : IAsyncLifetime
{
    // Closing the shell's input, which also the death of this process does, kills the browser with all its children.
    private const string Guard = "\"$@\" </dev/null >/dev/null 2>&1 & read -r _; kill -KILL 0";
    private const string Missing = "Chromium is missing: run eng/install-servers.sh chromium, or name it in DATA_CHROMIUM.";
    private readonly string _profile = Directory.CreateTempSubdirectory("data-chromium-").FullName;
    private Process? _guard;
    private DevTools? _tools;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Find() is not { } program)
            return;
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true, UseShellExecute = false };
        string[] command =
        [
            "sh", "-c", Guard, "guard", program, "--headless=new", "--remote-debugging-port=0", "--user-data-dir=" + _profile,
            "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync",
            "--disable-component-update", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",

            // Containers and root have no sandbox to offer; the one page it opens is our own.
            "--no-sandbox", "about:blank",
        ];
        foreach (var word in command)
            start.ArgumentList.Add(word);
        _guard = Process.Start(start)!;
        _tools = await DevTools.ConnectAsync(await AddressAsync(), Cancellation);
    }

    /// <summary>Opens a tab of a fresh context; skips the test, or fails it on CI, where there is no browser.</summary>
    internal async Task<Page> OpenAsync(string address, bool dark = false)
    {
        if (_tools is null && !TestServers.TestServers.MissingFails)
            Assert.Skip(Missing);
        var tools = _tools.ShouldNotBeNull(Missing);
        var context = (await tools.SendAsync("Target.createBrowserContext", null, null, Cancellation)).GetProperty("browserContextId")
            .GetString();
        var target = (await tools.SendAsync(
            "Target.createTarget", new JsonObject {
                ["url"] = "about:blank",
                ["browserContextId"] = context,
                ["width"] = 1000,
                ["height"] = 900 }, null, Cancellation))
            .GetProperty("targetId").GetString();
        var session = (await tools.SendAsync(
            "Target.attachToTarget",
            new JsonObject { ["targetId"] = target, ["flatten"] = true },
            null,
            Cancellation))
            .GetProperty("sessionId").GetString()!;
        var page = new Page(tools, session, context!);
        await page.LoadAsync(address, dark);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_tools is not null)
            await _tools.DisposeAsync();
        if (_guard is not null)
        {
            _guard.StandardInput.Close();
            await _guard.WaitForExitAsync(CancellationToken.None);
            _guard.Dispose();
        }

        await Eventually.BeTrueAsync(RemoveProfile, "the browser lets go of its profile");
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("DATA_CHROMIUM") is { Length: > 0 } chosen)
            return File.Exists(chosen) ? chosen : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Append("/usr/bin")
            .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>The browser writes its port and path into the profile once it listens.</summary>
    private async Task<Uri> AddressAsync()
    {
        var file = Path.Combine(_profile, "DevToolsActivePort");
        string[] lines = [];
        await Eventually.BeTrueAsync(
            () =>
            {
                _guard!.HasExited.ShouldBeFalse("the browser ended");
                lines = File.Exists(file) ? File.ReadAllLines(file) : [];
                return lines.Length >= 2;
            },
            "the browser listens",
            seconds: 60);
        return new Uri($"ws://127.0.0.1:{lines[0]}{lines[1]}");
    }

    private bool RemoveProfile()
    {
        try
        {
            Directory.Delete(_profile, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
