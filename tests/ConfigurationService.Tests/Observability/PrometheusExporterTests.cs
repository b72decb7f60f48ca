using System.Diagnostics.Metrics;
using ConfigurationService.Observability.Prometheus;

namespace ConfigurationService.Tests.Observability;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly Meter _meter = new($"Test.{Guid.NewGuid():n}");
    private readonly PrometheusExporter _exporter;

    public PrometheusExporterTests() => _exporter = new PrometheusExporter(meter => ReferenceEquals(meter, _meter));

    public void Dispose()
    {
        _exporter.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Counter_IsSummedPerLabelsWhateverTheirOrder()
    {
        var counter = _meter.CreateCounter<long>("shop.orders", "{order}", "Orders.");
        counter.Add(2, new("b", 1), new("a", "x"));
        counter.Add(3, new("a", "x"), new("b", 1));
        counter.Add(1);
        var text = Scrape();
        text.Types["shop_orders_total"].ShouldBe("counter");
        text["""shop_orders_total{a="x",b="1"}"""].ShouldBe(5);
        text["shop_orders_total"].ShouldBe(1);
    }

    [Fact]
    public void Labels_WithQuotesBackslashesAndNewLines_AreEscaped()
    {
        _meter.CreateCounter<int>("c").Add(
            1,
            new KeyValuePair<string, object?>("http.path", "a\"b\\c\nd"),
            new KeyValuePair<string, object?>("ok", true),
            new KeyValuePair<string, object?>("none", null));
        Scrape().Samples.ShouldBe(["""c_total{http_path="a\"b\\c\nd",none="",ok="true"}"""]);
    }

    [Fact]
    public void Histogram_HasCumulativeBucketsThatAgreeWithCountAndSum()
    {
        var histogram = _meter.CreateHistogram(
            "wait",
            "s",
            "Waiting.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 5])
            histogram.Record(value, new KeyValuePair<string, object?>("k", "v"));
        var text = Scrape();
        text.Types["wait_seconds"].ShouldBe("histogram");
        text["""wait_seconds_bucket{k="v",le="0.1"}"""].ShouldBe(2);
        text["""wait_seconds_bucket{k="v",le="1"}"""].ShouldBe(3);
        text["""wait_seconds_bucket{k="v",le="+Inf"}"""].ShouldBe(4);
        text["""wait_seconds_count{k="v"}"""].ShouldBe(4);
        text["""wait_seconds_sum{k="v"}"""].ShouldBe(5.65, 1e-9);
    }

    [Fact]
    public void Gauges_TellWhereTheyAre()
    {
        var gauge = _meter.CreateGauge<double>("level", "By");
        gauge.Record(5);
        gauge.Record(3);
        var upDown = _meter.CreateUpDownCounter<int>("busy");
        upDown.Add(5);
        upDown.Add(-2);
        var text = Scrape();
        text.Types["level_bytes"].ShouldBe("gauge");
        text["level_bytes"].ShouldBe(3);
        text["busy"].ShouldBe(3);
    }

    [Fact]
    public void Observed_IsAskedAtEachScrapeAndLeavesWhenItIsNoLongerReported()
    {
        var present = new List<Measurement<long>> {
            new(1, new KeyValuePair<string, object?>("x", "a")),
            new(2, new KeyValuePair<string, object?>("x", "b")) };
        _meter.CreateObservableGauge("seen", () => present.ToArray());
        _meter.CreateObservableCounter("total", () => 42L);
        Scrape()["""seen{x="b"}"""].ShouldBe(2);
        present.RemoveAt(1);
        var text = Scrape();
        text.Samples.ShouldNotContain("""seen{x="b"}""");
        text["""seen{x="a"}"""].ShouldBe(1);
        text["total_total"].ShouldBe(42);
    }

    [Fact]
    public void ManyLabelSets_AreBounded()
    {
        var counter = _meter.CreateCounter<int>("c");
        for (var i = 0; i < 5_000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        var text = Scrape();
        text.Samples.Count.ShouldBeLessThanOrEqualTo(2_001);
        text["""c_total{overflow="true"}"""].ShouldBe(3_000);
    }

    [Fact]
    public void SameNameInTwoInstruments_IsOneFamily()
    {
        _meter.CreateCounter<int>("c").Add(1, new KeyValuePair<string, object?>("pool", "a"));
        _meter.CreateCounter<int>("c", unit: null, description: null, tags: [new("other", "instrument")])
            .Add(1, new KeyValuePair<string, object?>("pool", "b"));
        Scrape().Samples.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Counter_FromManyThreads_LosesNothing()
    {
        var counter = _meter.CreateCounter<double>("c");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
                counter.Add(1, new KeyValuePair<string, object?>("i", i % 10));
        })));
        var text = Scrape();
        text.Samples.Sum(s => text[s]).ShouldBe(40_000);
    }

    private Exposition Scrape()
    {
        using var writer = new StringWriter();
        _exporter.Write(writer);
        return Exposition.Parse(writer.ToString());
    }
}
