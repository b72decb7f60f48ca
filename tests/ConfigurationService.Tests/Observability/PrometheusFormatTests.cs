using System.Diagnostics.Metrics;

namespace ConfigurationService.Tests.Observability;

/// <summary>What the service promises of <c>/metrics</c>, whatever library writes it.</summary>
public sealed class PrometheusFormatTests : IAsyncLifetime
{
    private ScrapedMeter _scraped = null!;

    private Meter Meter => _scraped.Meter;

    public async ValueTask InitializeAsync() => _scraped = await ScrapedMeter.StartAsync();

    public ValueTask DisposeAsync() => _scraped.DisposeAsync();

    [Fact]
    public async Task Counter_IsSummedPerLabelsWhateverTheirOrder()
    {
        var counter = Meter.CreateCounter<long>("shop.orders", "{order}", "Orders.");
        counter.Add(2, new("b", 1), new("a", "x"));
        counter.Add(3, new("a", "x"), new("b", 1));
        counter.Add(1);
        var text = await _scraped.ScrapeAsync();
        text.Types["shop_orders_total"].ShouldBe("counter");
        var samples = text.Of(Meter.Name);
        samples["""shop_orders_total{a="x",b="1"}"""].ShouldBe(5);
        samples["shop_orders_total"].ShouldBe(1);
    }

    [Fact]
    public async Task Labels_WithQuotesBackslashesAndNewLines_AreEscaped()
    {
        Meter.CreateCounter<int>("c").Add(
            1,
            new KeyValuePair<string, object?>("http.path", "a\"b\\c\nd"),
            new KeyValuePair<string, object?>("ok", true),
            new KeyValuePair<string, object?>("none", null));
        (await _scraped.SamplesAsync()).Keys.ShouldBe(["""c_total{http_path="a\"b\\c\nd",none="",ok="true"}"""]);
    }

    [Fact]
    public async Task Histogram_HasCumulativeBucketsThatAgreeWithCountAndSum()
    {
        var histogram = Meter.CreateHistogram(
            "wait",
            "s",
            "Waiting.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 5])
            histogram.Record(value, new KeyValuePair<string, object?>("k", "v"));
        var text = await _scraped.ScrapeAsync();
        text.Types["wait_seconds"].ShouldBe("histogram");
        var samples = text.Of(Meter.Name);
        samples["""wait_seconds_bucket{k="v",le="0.1"}"""].ShouldBe(2);
        samples["""wait_seconds_bucket{k="v",le="1"}"""].ShouldBe(3);
        samples["""wait_seconds_bucket{k="v",le="+Inf"}"""].ShouldBe(4);
        samples["""wait_seconds_count{k="v"}"""].ShouldBe(4);
        samples["""wait_seconds_sum{k="v"}"""].ShouldBe(5.65, 1e-9);
    }

    [Theory]
    [InlineData("s", "0.0005", "30", 16)]
    [InlineData("By", "128", "33554432", 8)]
    [InlineData("{query}", "1", "10000", 13)]
    public async Task Histogram_WithoutAdvice_HasBucketsThatFitItsUnit(string unit, string first, string last, int count)
    {
        Meter.CreateHistogram<int>("size", unit).Record(1);
        var buckets = (await _scraped.SamplesAsync()).Keys.Where(static k => k.Contains("_bucket", StringComparison.Ordinal)).ToList();
        buckets.Count.ShouldBe(count);
        buckets.ShouldContain(k => k.EndsWith($"{{le=\"{first}\"}}", StringComparison.Ordinal));
        buckets.ShouldContain(k => k.EndsWith($"{{le=\"{last}\"}}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Gauges_TellWhereTheyAre()
    {
        var gauge = Meter.CreateGauge<double>("level", "By");
        gauge.Record(5);
        gauge.Record(3);
        var upDown = Meter.CreateUpDownCounter<int>("busy");
        upDown.Add(5);
        upDown.Add(-2);
        var text = await _scraped.ScrapeAsync();
        text.Types["level_bytes"].ShouldBe("gauge");
        var samples = text.Of(Meter.Name);
        samples["level_bytes"].ShouldBe(3);
        samples["busy"].ShouldBe(3);
    }

    [Fact]
    public async Task Observed_IsAskedAtEachScrapeAndLeavesWhenItIsNoLongerReported()
    {
        var present = new List<Measurement<long>> {
            new(1, new KeyValuePair<string, object?>("x", "a")),
            new(2, new KeyValuePair<string, object?>("x", "b")) };
        Meter.CreateObservableGauge("seen", () => present.ToArray());
        Meter.CreateObservableCounter("total", () => 42L);
        (await _scraped.SamplesAsync())["""seen{x="b"}"""].ShouldBe(2);
        present.RemoveAt(1);
        var samples = await _scraped.SamplesAsync();
        samples.Keys.ShouldNotContain("""seen{x="b"}""");
        samples["""seen{x="a"}"""].ShouldBe(1);
        samples["total_total"].ShouldBe(42);
    }

    [Fact]
    public async Task ManyLabelSets_AreBounded()
    {
        var counter = Meter.CreateCounter<int>("c");
        for (var i = 0; i < 5_000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        var samples = await _scraped.SamplesAsync();
        samples.Count.ShouldBeLessThanOrEqualTo(2_001);
        samples["""c_total{otel_metric_overflow="true"}"""].ShouldBe(3_000);
    }

    [Fact]
    public async Task SameNameInTwoInstrumentsOrMeters_IsOneFamilyWithoutDuplicates()
    {
        Meter.CreateCounter<int>("c").Add(1, new KeyValuePair<string, object?>("pool", "a"));
        Meter.CreateCounter<int>("c", unit: null, description: null, tags: [new("other", "instrument")])
            .Add(1, new KeyValuePair<string, object?>("pool", "b"));
        _scraped.Other.CreateCounter<int>("c").Add(1, new KeyValuePair<string, object?>("pool", "a"));
        var text = await _scraped.ScrapeAsync();
        text.Of(Meter.Name).Count.ShouldBe(2);
        text.Of(_scraped.Other.Name).Keys.ShouldBe(["""c_total{pool="a"}"""]);
    }

    [Fact]
    public async Task Counter_FromManyThreads_LosesNothing()
    {
        var counter = Meter.CreateCounter<double>("c");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
                counter.Add(1, new KeyValuePair<string, object?>("i", i % 10));
        })));
        (await _scraped.SamplesAsync()).Values.Sum().ShouldBe(40_000);
    }

    [Fact]
    public async Task Scrape_IsNeverAnEarlierAnswer()
    {
        var counter = Meter.CreateCounter<int>("c");
        for (var i = 1; i <= 5; i++)
        {
            counter.Add(1);
            (await _scraped.SamplesAsync())["c_total"].ShouldBe(i);
        }
    }
}
