using System.Text.Json;
using Data.Health.Endpoints;
using Data.Health.Tests.Support;
using Data.Health.UiTests.Browser;
using Data.TestServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Playwright;

namespace Data.Health.UiTests;

public sealed class HealthPageTests(Chromium browser) : IClassFixture<Chromium>
{
    // Contrast of a text against the first opaque background behind it, after WCAG 2.2.
    private const string LowestContrast =
        """
        (() => {
          const parse = c => { const x = c.match(/[\d.]+/g).map(Number); return x.length < 4 ? [...x, 1] : x; };
          const light = c => {
            const [r, g, b] = c.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b; };
          const behind = e => {
            for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; }
            return [255, 255, 255, 1]; };
          let worst = 99, where = "";
          for (const e of document.querySelectorAll("main *")) {
            if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
            if (!e.checkVisibility() || e.closest("svg, option")) continue;
            const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
            const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            if (ratio < worst) { worst = ratio; where = `${e.tagName} ${e.className}: ${e.textContent}`; }
          }
          return { worst, where };
        })()
        """;

    private const string Focused =
        """
        (() => { const e = document.activeElement, s = getComputedStyle(e);
          if (e === document.body) return null;
          return { name: e.id || e.textContent, visible: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 }; })()
        """;

    private readonly SwitchCheck _db = new();
    private readonly SwitchCheck _extra = new()
    {
        Answer = _ => Task.FromResult(HealthCheckResult.Degraded(
            "<img src=x onerror=\"document.title='owned'\"> slow", data: new Dictionary<string, object>
            {
                ["used_bytes"] = 3L << 30,
                ["<b>key</b>"] = 7
            })),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_LightOrDark_ListsContributorsReadablyAndRequestsNothingElse(bool dark)
    {
        await using var app = await StartAsync();
        await using var tab = await OpenAsync(app, dark);
        (await tab.TextAsync("#status")).ShouldBe("Degraded");
        (await tab.TextAsync("#probes")).ShouldBe("live: yes · taking work: yes");
        var cards = (await tab.EvaluateAsync("[...document.querySelectorAll('li')].map(e => e.querySelector('.top').innerText)"))
            .EnumerateArray()
            .Select(e => e.GetString()!)
            .ToArray();
        cards.Length.ShouldBe(2);
        cards[0].ShouldSatisfyAllConditions(
            c => c.ShouldContain("db"),
            c => c.ShouldContain("✓ Healthy"),
            c => c.ShouldContain("critical"),
            c => c.ShouldMatch(@"\d ms · \d+\.\d s ago"));
        cards[1].ShouldSatisfyAllConditions(
            c => c.ShouldContain("extra"),
            c => c.ShouldContain("! Degraded"),
            c => c.ShouldContain("optional"),
            c => c.ShouldContain("blue"));

        // A check's description is shown as text, even if it looks like markup.
        await tab.EvaluateAsync("document.querySelectorAll('summary').forEach(e => e.click())");
        (await tab.TextAsync("li:nth-child(2) details")).ShouldSatisfyAllConditions(
            t => t.ShouldContain("<img src=x onerror"), t => t.ShouldContain("3.0 GiB"), t => t.ShouldNotContain("<b>key</b>"));
        (await tab.EvaluateAsync("document.querySelectorAll('main img, main b').length")).GetInt32().ShouldBe(0);
        (await tab.EvaluateAsync("document.title")).GetString().ShouldBe("! Degraded – Health");

        var background = (await tab.EvaluateAsync("getComputedStyle(document.body).backgroundColor")).GetString();
        background.ShouldBe(dark ? "rgb(18, 21, 26)" : "rgb(246, 247, 249)");
        var contrast = await tab.EvaluateAsync(LowestContrast);
        contrast.GetProperty("worst").GetDouble().ShouldBeGreaterThanOrEqualTo(4.5, contrast.GetProperty("where").GetString());
        await ShootAsync(tab, dark ? "dark" : "light");

        tab.Complaints.ShouldBeEmpty();
        tab.Requests.Where(r => !r.StartsWith("data:", StringComparison.Ordinal)).Distinct().Order()
            .ShouldBe([Address(app), Address(app) + "/data"]);
    }

    [Fact]
    public async Task Page_StatusChanges_ShowsItWithoutAReload()
    {
        await using var app = await StartAsync();
        await using var tab = await OpenAsync(app);
        await tab.EvaluateAsync(
            "window.sameDocument = true; document.querySelectorAll('summary')[0].focus(); document.querySelectorAll('summary')[0].click()");

        _db.Status = HealthStatus.Unhealthy;
        await tab.UntilAsync("document.querySelector('li .top').innerText.includes('✕ Unhealthy')");

        (await tab.TextAsync("#status")).ShouldBe("Unhealthy");
        (await tab.EvaluateAsync("window.sameDocument")).GetBoolean().ShouldBeTrue();
        (await tab.EvaluateAsync("document.querySelectorAll('li:first-child rect').length")).GetInt32().ShouldBe(2);
        (await tab.TextAsync("li:first-child tbody tr:first-child")).ShouldContain("✕ Unhealthy");

        // Redrawing neither closes what is open nor moves the focus.
        (await tab.EvaluateAsync("document.activeElement === document.querySelector('summary')")).GetBoolean().ShouldBeTrue();
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Page_ByKeyboard_EveryControlIsReachedVisiblyAndWorks()
    {
        await using var app = await StartAsync();
        await using var tab = await OpenAsync(app);
        var reached = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            await tab.Page.Keyboard.PressAsync("Tab");
            var focus = await tab.EvaluateAsync(Focused);
            focus.ValueKind.ShouldBe(JsonValueKind.Object, $"nothing has the focus after {i + 1} tabs");
            focus.GetProperty("visible").GetBoolean().ShouldBeTrue(focus.GetProperty("name").GetString());
            reached.Add(focus.GetProperty("name").GetString()!);
            if (reached[^1] == "pause")
                await tab.Page.Keyboard.PressAsync("Space");
        }

        reached.ShouldBe(["filter", "span", "pause", "Measurements and changes of db", "Measurements and changes of extra"]);
        (await tab.EvaluateAsync("document.getElementById('pause').getAttribute('aria-pressed')")).GetString().ShouldBe("true");
        await tab.Page.Keyboard.PressAsync("Enter");
        (await tab.EvaluateAsync("document.querySelectorAll('li:nth-child(2) details[open]').length")).GetInt32().ShouldBe(1);

        await tab.EvaluateAsync(
            "document.getElementById('filter').value = 'bad'; document.getElementById('filter').dispatchEvent(new Event('change'))");
        (await tab.EvaluateAsync("[...document.querySelectorAll('h2')].map(e => e.innerText).join()")).GetString().ShouldBe("extra");
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Page_InTheAccessibilityTree_EverythingThatNeedsANameHasOne()
    {
        await using var app = await StartAsync();
        await using var tab = await OpenAsync(app);
        string[] named = ["RootWebArea", "heading", "button", "combobox", "DisclosureTriangle", "image", "table", "columnheader"];
        await tab.EvaluateAsync("document.querySelectorAll('summary').forEach(e => e.click())");
        var nodes = await tab.AccessibleNodesAsync();
        named.Except(nodes.Select(n => n.Role), StringComparer.Ordinal)
            .ShouldBeEmpty(string.Join(", ", nodes.Select(n => n.Role).Distinct()));
        nodes.Where(n => named.Contains(n.Role, StringComparer.Ordinal) && string.IsNullOrWhiteSpace(n.Name)).ShouldBeEmpty();
        nodes.ShouldContain(n => n.Role == "image" && n.Name.StartsWith("db over 15 minutes: 0 changes", StringComparison.Ordinal));
        nodes.ShouldContain(n => n.Role == "status");
        (await tab.EvaluateAsync("document.documentElement.lang")).GetString().ShouldBe("en");
    }

    [Fact]
    public async Task Page_NarrowScreen_NeedsNoSidewaysScrolling()
    {
        await using var app = await StartAsync();
        await using var tab = await OpenAsync(app, narrow: true);
        await tab.EvaluateAsync("document.querySelectorAll('summary').forEach(e => e.click())");
        await ShootAsync(tab, "narrow");
        var wide = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > 320).map(e => e.tagName + ' ' "
            + "+ e.className + ' ' + e.textContent).join('; ')";
        (await tab.EvaluateAsync("document.scrollingElement.scrollWidth")).GetInt32()
            .ShouldBeLessThanOrEqualTo(320, (await tab.EvaluateAsync(wide)).GetString());
    }

    [Fact]
    public async Task Page_Stranger_SeesTheStatusWordAndNoContributor()
    {
        await using var app = await StartAsync(o => o.Endpoints.Details = HealthDetails.WhenAuthorized);
        await using var tab = await OpenAsync(app);
        (await tab.TextAsync("#status")).ShouldBe("Degraded");
        (await tab.EvaluateAsync("document.querySelectorAll('li').length")).GetInt32().ShouldBe(0);
        (await tab.TextAsync()).ShouldSatisfyAllConditions(
            t => t.ShouldContain("authorised callers only"),
            t => t.ShouldNotContain("extra"));
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Page_KeyHeaderSet_SignsInWithAKeyKeepsItOverAReloadAndSignsOut()
    {
        const string Name = "X-API-Key";
        await using var app = await StartAsync(
            o => (o.Endpoints.Details, o.Endpoints.PageKeyHeader) = (HealthDetails.WhenAuthorized, Name),
            b => b.AuthorizeDetails(c => ValueTask.FromResult(c.Request.Headers[Name] == "right")));
        await using var tab = await OpenAsync(app);
        (await tab.TextAsync("#signin")).ShouldContain(Name);
        (await tab.EvaluateAsync("document.querySelectorAll('li').length")).GetInt32().ShouldBe(0);

        await tab.Page.FillAsync("#key", "wrong");
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.UntilAsync("document.getElementById('refused').textContent !== ''");
        (await tab.EvaluateAsync("document.querySelectorAll('li').length")).GetInt32().ShouldBe(0);

        await tab.Page.FillAsync("#key", "right");
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.UntilAsync("document.querySelectorAll('li').length === 2");
        (await tab.EvaluateAsync("document.getElementById('signin').checkVisibility()")).GetBoolean().ShouldBeFalse();
        var contrast = await tab.EvaluateAsync(LowestContrast);
        contrast.GetProperty("worst").GetDouble().ShouldBeGreaterThanOrEqualTo(4.5, contrast.GetProperty("where").GetString());

        await tab.Page.ReloadAsync();
        await tab.UntilAsync("document.querySelectorAll('li').length === 2");

        await tab.Page.ClickAsync("#signout");
        await tab.UntilAsync("document.querySelectorAll('li').length === 0");
        (await tab.EvaluateAsync("sessionStorage.length")).GetInt32().ShouldBe(0);
        (await tab.EvaluateAsync("document.getElementById('signin').checkVisibility()")).GetBoolean().ShouldBeTrue();
        tab.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Page_ServiceGoesAway_SaysSoInsteadOfShowingOldStateAsCurrent()
    {
        await using var app = await StartAsync();
        await using var tab = await OpenAsync(app);
        await app.App.StopAsync(Cancellation);
        await tab.EvaluateAsync("load()");
        (await tab.TextAsync("#updated")).ShouldBe("no answer from the service");
    }

    private static string Address(HealthApp app) => app.App.Urls.First() + "/health/ui";

    /// <summary>Saves a picture in the folder that DATA_SCREENSHOTS names.</summary>
    private static async Task ShootAsync(Tab tab, string name)
    {
        if (Environment.GetEnvironmentVariable("DATA_SCREENSHOTS") is { Length: > 0 } folder)
            await tab.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"health-{name}.png") });
    }

    private Task<Tab> OpenAsync(HealthApp app, bool dark = false, bool narrow = false) => browser.OpenAsync(Address(app), dark, narrow);

    private async Task<HealthApp> StartAsync(Action<DataHealthOptions>? options = null, Action<DataHealthBuilder>? more = null)
    {
        var app = await HealthApp.StartAsync(
            builder =>
            {
                more?.Invoke(builder);
                builder.AddContributor("db", _ => _db)
                    .AddContributor("extra", _ => _extra, c =>
                    {
                        (c.Critical, c.ShowDescription) = (false, true);
                        c.Tags.Add("blue");
                    });
            },
            o =>
            {
                (o.Defaults.Period, o.Defaults.ConfirmationDelay) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(1));
                options?.Invoke(o);
            });
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/ready")).Status == 200, "ready");
        await Eventually.BeAsync(
            async () => (await app.GetAsync("/health")).Body.StartsWith("Degraded", StringComparison.Ordinal),
            "degraded");
        return app;
    }
}
