using ConfigurationService.Settings;
using Microsoft.Net.Http.Headers;

namespace ConfigurationService.Hosting;

/// <summary>What is at <c>/</c>: a short page for a person who opened the address, and the same as JSON for a program.</summary>
internal static class RootPage
{
    private static readonly (string Name, string Path, string Text)[] Links =
    [
        ("openapi", "/openapi/v1.json", "Every call, as an OpenAPI document"),
        ("health", "/health/ui", "State of the service and of what it depends on"),
        ("metrics", "/metrics", "Metrics for Prometheus"),
        ("providers", "/providers", "The catalogue of providers"),
    ];

    public static void Map(IEndpointRouteBuilder app, ServiceSettings settings) =>
        app.MapMethods("/", ["GET", "HEAD"], (HttpRequest request) => WantsHtml(request)
                ? TypedResults.Content(Html(settings), "text/html; charset=utf-8")
                : (IResult)TypedResults.Json(
                    new RootDocument("Configuration service", Links.ToDictionary(static l => l.Name, static l => l.Path)),
                    RootJson.Default.RootDocument))
            .AllowAnonymous().ExcludeFromDescription();

    private static bool WantsHtml(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.OfType<string>()], out var accepted)
        && accepted.OrderByDescending(static a => a.Quality ?? 1).FirstOrDefault(static a => a.Quality != 0)?.MediaType == "text/html";

    private static string Html(ServiceSettings settings) =>
        $$"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width">
          <meta name="color-scheme" content="light dark">
          <title>Configuration service</title>
          <style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }</style>
        </head>
        <body>
          <h1>Configuration service</h1>
          <p>Providers per tenant and configuration per service, with history, rollback and encrypted secrets. Calls need a key in the
            header <code>X-API-Key</code>. The administrator's first key is {{WhereTheKeyIs(settings)}}.</p>
          <ul>
            {{string.Concat(Links.Select(static l => $"<li><a href=\"{l.Path}\">{l.Path}</a>: {l.Text}</li>"))}}
          </ul>
        </body>
        </html>
        """;

    // The page is open to all: it tells no path of the machine.
    private static string WhereTheKeyIs(ServiceSettings settings) => settings.Secrets.AdminKey is not null
        ? "in the setting <code>Keys:Admin</code>"
        : settings.Storage.Embedded ? "in the file <code>admin.key</code> of the data folder"
        : "in the file of <code>Keys:AdminFile</code>";
}
