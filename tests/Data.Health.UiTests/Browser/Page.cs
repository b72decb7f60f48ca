using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Data.Health.Tests.Support;

namespace Data.Health.UiTests.Browser;

/// <summary>One tab: what it shows, what it asked for and what it complained about.</summary>
internal sealed class Page(DevTools tools, string session, string context) : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _requests = new();

    /// <summary>Errors and warnings of the console, exceptions, violations of the content security policy and other issues.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Every address that was asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task LoadAsync(string address, bool dark)
    {
        tools.Raised += OnEvent;
        foreach (var domain in (string[])["Page", "Runtime", "Log", "Network", "Audits", "Accessibility"])
            await SendAsync(domain + ".enable");
        await SendAsync("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }),
        });

        // Without it a tab that is not in front reports no focus.
        await SendAsync("Emulation.setFocusEmulationEnabled", new JsonObject { ["enabled"] = true });
        await SendAsync("Page.navigate", new JsonObject { ["url"] = address });
        await UntilAsync(
            "document.readyState === 'complete' && document.getElementById('status')?.textContent !== '…'",
            "the page is drawn");
    }

    public Task<JsonElement> SendAsync(string method, JsonObject? parameters = null) =>
        tools.SendAsync(method, parameters, session, Cancellation);

    /// <summary>The value of an expression, awaited if it is a promise.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await SendAsync(
            "Runtime.evaluate",
            new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        answer.TryGetProperty("exceptionDetails", out var exception).ShouldBeFalse($"{expression}: {exception}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    public async Task<string> TextAsync(string selector = "body") =>
        (await EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)})?.innerText ?? ''")).GetString()!;

    public Task UntilAsync(string condition, string what) =>
        Eventually.BeTrueAsync(async () => (await EvaluateAsync($"!!({condition})")).GetBoolean(), what, seconds: 60);

    /// <summary>Presses and releases a key that means the same on every keyboard, such as Tab, Enter or Space.</summary>
    public async Task PressAsync(string key)
    {
        var (code, text) = key switch
        {
            "Tab" => (9, null),
            "Enter" => (13, "\r"),
            "Space" => (32, " "),
            _ => throw new ArgumentOutOfRangeException(nameof(key), key, "Tab, Enter or Space."),
        };
        foreach (var type in (string[])[text is null ? "rawKeyDown" : "keyDown", "keyUp"])
        {
            var press = new JsonObject {
                ["type"] = type,
                ["key"] = text == " " ? " " : key,
                ["code"] = key,
                ["windowsVirtualKeyCode"] = code };
            if (type == "keyDown")
                press["text"] = text;
            await SendAsync("Input.dispatchKeyEvent", press);
        }
    }

    public async ValueTask DisposeAsync()
    {
        tools.Raised -= OnEvent;
        await tools.SendAsync(
            "Target.disposeBrowserContext",
            new JsonObject { ["browserContextId"] = context },
            session: null,
            CancellationToken.None);
    }

    private void OnEvent(string from, string method, JsonElement parameters)
    {
        if (from != session)
            return;
        switch (method)
        {
            case "Network.requestWillBeSent":
                _requests.Enqueue(parameters.GetProperty("request").GetProperty("url").GetString()!);
                break;
            case "Runtime.consoleAPICalled" when parameters.GetProperty("type").GetString() is "error" or "warning" or "assert":
            case "Log.entryAdded" when parameters.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning":
            case "Runtime.exceptionThrown":
            case "Audits.issueAdded":
                _complaints.Enqueue($"{method}: {parameters.GetRawText()}");
                break;
            default:
                break;
        }
    }
}
