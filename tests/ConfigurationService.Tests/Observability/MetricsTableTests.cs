using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ConfigurationService.Keys;
using ConfigurationService.Tests.Hosting;
using ConfigurationService.Tests.Persistence;
using ConfigurationService.Tests.Service;
using Data.TestServers;

namespace ConfigurationService.Tests.Observability;

/// <summary>
/// Holds the table of metrics in docs/service.md to what the service publishes. UPDATE_METRICS_TABLE=1 writes the table instead.
/// </summary>
public sealed class MetricsTableTests : IDisposable
{
    private const string Begin = "<!-- metrics: written by MetricsTableTests -->\n", End = "<!-- end of metrics -->";
    private const string Head = "| Metric | Type | Unit | Meter | Meaning |\n|---|---|---|---|---|\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("configuration-service-metrics-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Table_NamesEveryInstrumentAsAScrapeShowsIt()
    {
        IReadOnlyList<Row> rows;
        await using (var service = await ServiceDatabase.StartListeningAsync())
        {
            await UseAsync(service.Admin);
            rows = await RowsAsync(Published());
        }

        var running = await ScrapeProcessAsync();
        foreach (var meter in (string[])[
            "Data.Resilience", "Data.Cache", "Data.Vector", "Data.Health", "Npgsql", "Microsoft.AspNetCore.Hosting", "System.Runtime"])
        {
            running.Meters.ShouldContain(meter);
        }

        var exposed = running.Families.Where(static f => f.Name != "target_info")
            .Select(f => (f.Meter, f.Name, Type: running.Types[f.Name])).ToList();
        exposed.Count.ShouldBeGreaterThan(40);
        exposed.ShouldBeSubsetOf(rows.Select(static r => (r.Meter, r.Name, r.Type)));

        var table = Head + string.Concat(rows.Select(static r => r.Text + "\n"));
        var page = await File.ReadAllTextAsync(PagePath(), TestContext.Current.CancellationToken);
        var from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = page.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("UPDATE_METRICS_TABLE") == "1")
            await File.WriteAllTextAsync(PagePath(), page[..from] + table + page[to..], TestContext.Current.CancellationToken);
        else
            page[from..to].ShouldBe(table, "run this test with UPDATE_METRICS_TABLE=1");
    }

    /// <summary>Scrapes a process: in this one, meters of several hosts share their names.</summary>
    private async Task<Exposition> ScrapeProcessAsync()
    {
        var server = await SharedServers.PostgresAsync();
        await using var service = await RunningService.StartAsync(
            _folder.FullName,
            ("ConnectionStrings__Postgres", await server.CreateDatabaseAsync()),
            ("Encryption__Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
            ("Keys__Admin", ApiKeySecret.Create()));
        await UseAsync(service.Admin);
        return Exposition.Parse((await service.Admin.GetAsync("/metrics")).Expect(HttpStatusCode.OK).Text);
    }

    private static async Task UseAsync(ServiceClient admin)
    {
        var tenant = Tenants.New();
        (await admin.PostAsync($"/config/{tenant}", Tenants.Map(tenant))).Expect(HttpStatusCode.Created);
        (await admin.GetAsync($"/config/{tenant}")).Expect(HttpStatusCode.OK);
        (await admin.PostAsync("/documents", """{"documents":[{"id":"a","text":"measured"}]}""")).Expect(HttpStatusCode.OK);
        (await admin.PostAsync("/documents/search", new { query = "measured" })).Expect(HttpStatusCode.OK);
    }

    /// <summary>The instruments that the service listens to, those that have measured nothing yet included.</summary>
    private static List<Instrument> Published()
    {
        var published = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Enabled && !instrument.Meter.Name.StartsWith(ScrapedMeter.Prefix, StringComparison.Ordinal))
                    published.Add(instrument);
            },
        };
        listener.Start();
        return [.. published.DistinctBy(static i => (i.Meter.Name, i.Name))];
    }

    /// <summary>Lets the exporter itself name each instrument: a stand-in of the same kind measures once.</summary>
    private static async Task<IReadOnlyList<Row>> RowsAsync(List<Instrument> instruments)
    {
        var named = new List<Row>();
        await using var scraped = await ScrapedMeter.StartAsync();
        for (var i = 0; i < instruments.Count; i++)
            Measure(scraped.Meter, instruments[i], new KeyValuePair<string, object?>("index", i.ToString(CultureInfo.InvariantCulture)));
        var text = await scraped.ScrapeAsync();
        for (var i = 0; i < instruments.Count; i++)
        {
            var name = text.FamilyWith(scraped.Meter.Name, $"index=\"{i}\"");
            named.Add(new Row(
                instruments[i].Meter.Name, name, text.Types[name], instruments[i].Unit ?? "", instruments[i].Description ?? ""));
        }

        return [.. named.OrderBy(static r => r.Meter, StringComparer.Ordinal).ThenBy(static r => r.Name, StringComparer.Ordinal)];
    }

    private static void Measure(Meter meter, Instrument like, KeyValuePair<string, object?> tag)
    {
        var kind = like.GetType().GetGenericTypeDefinition();
        if (kind == typeof(Histogram<>))
            meter.CreateHistogram<double>(like.Name, like.Unit).Record(1, tag);
        else if (kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>))
            meter.CreateCounter<double>(like.Name, like.Unit).Add(1, tag);
        else if (kind == typeof(UpDownCounter<>) || kind == typeof(ObservableUpDownCounter<>))
            meter.CreateUpDownCounter<double>(like.Name, like.Unit).Add(1, tag);
        else
            meter.CreateGauge<double>(like.Name, like.Unit).Record(1, tag);
    }

    private static string PagePath([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/service.md"));

    private sealed record Row(string Meter, string Name, string Type, string Unit, string Meaning)
    {
        public string Text => $"| `{Name}` | {Type} | {(Unit.Length == 0 ? "" : $"`{Unit}`")} | {Meter} | {Escaped} |";

        private string Escaped => Meaning.Replace("|", @"\|", StringComparison.Ordinal);
    }
}
