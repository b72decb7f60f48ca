using System.Collections.Concurrent;
using System.Text.Json;
using Data.TestServers;
using Microsoft.Playwright;

namespace Data.Health.UiTests.Browser;

/// <summary>One tab in a context of its own: its page, what it requested and the problems that it reported.</summary>
internal sealed class Tab : IAsyncDisposable
{
    public const int PatienceMilliseconds = 60_000;

    private readonly IBrowserContext _context;
    private readonly ICDPSession _tools;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _requests = new();

    private Tab(IBrowserContext context, IPage page, ICDPSession tools)
    {
        _context = context;
        _tools = tools;
        Page = page;
        page.Request += (_, request) => _requests.Enqueue(request.Url);
        page.PageError += (_, error) => _complaints.Enqueue($"exception: {error}");
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" or "assert")
                _complaints.Enqueue($"console: {message.Type}: {message.Text} {message.Location}");
        };

        // Playwright has no event for the issues of the browser's audits, such as violations of the content security policy.
        tools.Event("Audits.issueAdded").OnEvent += (_, issue) => _complaints.Enqueue($"issue: {issue}");
        tools.Event("Log.entryAdded").OnEvent += (_, entry) =>
        {
            if (entry?.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning")
                _complaints.Enqueue($"log: {entry}");
        };
    }

    public IPage Page { get; }

    /// <summary>Errors and warnings of the console, exceptions, violations of the content security policy and other issues.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Every requested address.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    public static async Task<Tab> OpenAsync(IBrowser browser, string address, bool dark, bool narrow)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = narrow ? new ViewportSize { Width = 320, Height = 600 } : new ViewportSize { Width = 1000, Height = 900 },
            IsMobile = narrow,
        });
        context.SetDefaultTimeout(PatienceMilliseconds);
        var page = await context.NewPageAsync();
        var tools = await context.NewCDPSessionAsync(page);
        var tab = new Tab(context, page, tools);
        await tools.SendAsync("Audits.enable");
        await tools.SendAsync("Log.enable");
        await page.GotoAsync(address);
        await tab.UntilAsync("document.getElementById('status')?.textContent !== '…'");
        return tab;
    }

    /// <summary>Returns the value of an expression, awaited if it is a promise.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression) => await Page.EvaluateAsync(expression) ?? default;

    public Task<string> TextAsync(string selector = "body") => Page.Locator(selector).InnerTextAsync();

    /// <summary>Waits until an expression is true. Playwright's own wait calls eval, which the page's security policy forbids.</summary>
    public Task UntilAsync(string condition) => Eventually.BeAsync(
        async () => (await EvaluateAsync($"!!({condition})")).GetBoolean(), condition, PatienceMilliseconds / 1000);

    /// <summary>Returns the nodes of the accessibility tree that assistive technology sees.</summary>
    public async Task<(string Role, string Name)[]> AccessibleNodesAsync()
    {
        await _tools.SendAsync("Accessibility.enable");
        var tree = await _tools.SendAsync("Accessibility.getFullAXTree");
        return
        [
            .. tree!.Value.GetProperty("nodes").EnumerateArray()
                .Where(node => !node.GetProperty("ignored").GetBoolean())
                .Select(node => (Text(node, "role"), Text(node, "name"))),
        ];
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private static string Text(JsonElement node, string property) =>
        node.TryGetProperty(property, out var value) ? value.GetProperty("value").GetString()! : "";
}
