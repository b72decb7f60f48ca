using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ConfigurationService.Tests.Observability;

/// <summary>The alert rules and the dashboard of health, on what <c>/metrics</c> of the running service says.</summary>
/// <remarks>Alone: the meters of another service in the process would be listed beside its own.</remarks>
[Collection(nameof(HealthRulesTests))]
[CollectionDefinition(nameof(HealthRulesTests), DisableParallelization = true)]
public sealed partial class HealthRulesTests(ScrapedService service) : IClassFixture<ScrapedService>
{
    private static readonly string Folder = Path.Combine(Repository(), "docs", "monitoring");

    [Fact]
    public async Task Rules_ServiceIsWell_NoneFires()
    {
        var metrics = await ScrapeAsync();
        foreach (var (alert, expression) in Rules())
            Firing(expression, metrics, metrics).ShouldBeEmpty(alert);
    }

    // The disk is evaluated every ten seconds, the vectors every minute: an age of 100 s is late for one of them alone.
    [Theory]
    [InlineData("data_health_status", "disk", 0, "HealthContributorDownEverywhere", "HealthContributorDown")]
    [InlineData("data_health_status", "disk", 1, "HealthContributorDegraded")]
    [InlineData("data_health_evaluation_age_seconds", "disk", 100, "HealthEvaluationLate")]
    [InlineData("data_health_evaluation_age_seconds", "vectors", 100)]
    [InlineData("data_health_evaluation_age_seconds", "vectors", 200, "HealthEvaluationLate")]
    [InlineData("data_health_evaluation_lag_seconds", null, 1.5, "HealthPoolStarved")]
    [InlineData("data_health_transitions_total", "disk", 11, "HealthContributorFlaps")]
    [InlineData("data_health_notifications_dropped_total", "webhook", 1, "HealthNotificationsDropped")]
    public async Task Rules_OneValueIsWrong_FireForIt(string metric, string? label, double value, params string[] alerts)
    {
        var before = await ScrapeAsync();
        var name = metric.Contains("notifications", StringComparison.Ordinal) ? "data_health_listener" : "data_health_contributor";
        var labels = label is null ? "" : $"{{{name}=\"{label}\"}}";
        if (metric.Contains("transitions", StringComparison.Ordinal))
            labels = $"{{{name}=\"{label}\",data_health_from=\"healthy\",data_health_to=\"unhealthy\"}}";
        var after = before.Where(s => s.Name != metric || s.Labels != labels).Append(new Sample(metric, labels, value)).ToList();
        if (!metric.EndsWith("_total", StringComparison.Ordinal))
            after.Count.ShouldBe(before.Count, "the service publishes it");

        var fired = Rules().Where(r => Firing(r.Expression, after, before).Any()).Select(r => r.Alert);
        fired.ShouldBe(alerts, ignoreOrder: true);
    }

    [Fact]
    public async Task RulesAndDashboard_Expressions_NameMetricsOfTheService()
    {
        // Counters have no series before their first count.
        string[] counters = ["data_health_transitions_total", "data_health_notifications_dropped_total"];
        var published = (await ScrapeAsync()).Select(s => s.Name).Concat(counters).ToHashSet(StringComparer.Ordinal);
        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(
            Path.Combine(Folder, "health-dashboard.json"), TestContext.Current.CancellationToken));
        var expressions = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!)
            .Concat(Rules().Select(r => r.Expression)).ToList();
        expressions.Count.ShouldBeGreaterThan(10);
        foreach (var expression in expressions)
        {
            foreach (Match metric in MetricName().Matches(expression))
                published.ShouldContain(metric.Value, expression);
        }
    }

    /// <summary>The labels for which an expression of the rules' own kind has a value.</summary>
    private static IEnumerable<string> Firing(string expression, List<Sample> now, List<Sample> before)
    {
        var parts = Comparison().Match(expression);
        parts.Success.ShouldBeTrue(expression);
        var (metric, by) = (parts.Groups["metric"].Value, parts.Groups["by"].Value);
        var increase = parts.Groups["increase"].Success;
        var left = now.Where(s => s.Name == metric)
            .Select(s => (s.Labels, Value: increase ? s.Value - Of(before, metric, s.Labels) : s.Value))
            .GroupBy(s => by.Length == 0 ? s.Labels : Label(s.Labels, by), s => s.Value, StringComparer.Ordinal);
        foreach (var group in left)
        {
            var value = parts.Groups["aggregate"].Value switch
            {
                "max" => group.Max(),
                "min" => group.Min(),
                _ => group.Sum(),
            };
            var right = double.TryParse(parts.Groups["right"].Value, CultureInfo.InvariantCulture, out var number)
                ? number
                : Of(now, parts.Groups["right"].Value, group.Key);
            if (parts.Groups["operator"].Value == ">" ? value > right : value.Equals(right))
                yield return group.Key;
        }
    }

    private static double Of(List<Sample> samples, string name, string labels) =>
        samples.Find(s => s.Name == name && s.Labels == labels)?.Value ?? 0;

    private static string Label(string labels, string name) => Regex.Match(labels, $"{name}=\"([^\"]*)\"").Groups[1].Value;

    private static List<(string Alert, string Expression)> Rules()
    {
        var text = File.ReadAllText(Path.Combine(Folder, "health-rules.yaml"));
        return [.. Rule().Matches(text).Select(m => (m.Groups["alert"].Value, m.Groups["expression"].Value))];
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Libraries.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository was not found.");
        return folder;
    }

    private async Task<List<Sample>> ScrapeAsync()
    {
        var samples = new List<Sample>();
        await Data.TestServers.Eventually.BeAsync(
            async () =>
            {
                samples = [.. Exposition.Parse((await service.Admin.GetAsync("/metrics")).Text).Of("Data.Health")
                    .Select(s => s.Key.IndexOf('{', StringComparison.Ordinal) is var brace and >= 0
                        ? new Sample(s.Key[..brace], s.Key[brace..], s.Value)
                        : new Sample(s.Key, "", s.Value))];
                return samples.Where(s => s.Name == "data_health_status").All(s => s.Value.Equals(2.0))
                    && samples.Find(s => s.Name == "data_health_evaluation_lag_seconds")?.Value < 1;
            },
            "everything is healthy",
            seconds: 60);
        return samples;
    }

    [GeneratedRegex(
        @"^((?<aggregate>max|min|sum) by \((?<by>\w+)\) \()?(?<increase>increase\()?(?<metric>\w+)(\[\w+\]\))?\)?"
        + @" (?<operator>==|>) (?<right>\S+)$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Comparison();

    [GeneratedRegex(@"- alert: (?<alert>\w+)\s+expr: (?<expression>.+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Rule();

    [GeneratedRegex(@"data_health_(?!contributor|reason|from|to\b|listener)\w+")]
    private static partial Regex MetricName();

    private sealed record Sample(string Name, string Labels, double Value);
}
