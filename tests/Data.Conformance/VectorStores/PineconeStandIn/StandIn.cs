using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Data.Conformance.VectorStores.PineconeStandIn;

/// <summary>
/// A server that follows the contract Pinecone publishes for serverless indexes (REST API 2025-10): its paths, headers, limits, error
/// bodies and eventual consistency. It stands in for the service, which cannot be reached from a build machine; what the service does
/// beyond its contract it cannot show.
/// </summary>
internal sealed class StandIn : IAsyncDisposable
{
    public const string Key = "pcsk-test-key";
    private const string Domain = ".svc.stand-in.test";
    private const int MaxRequestBytes = 2 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, StandInIndex> _indexes = new(StringComparer.Ordinal);
    private readonly WebApplication _application;

    private StandIn(WebApplication application) => _application = application;

    /// <summary>How long a write stays unseen.</summary>
    public TimeSpan IndexingDelay { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Whether "not equal" accepts records without the key: the contract does not say, so a client must not depend on it.
    /// </summary>
    public bool MissingIsNotEqual { get; set; }

    /// <summary>Answers instead of the server, or not, when it returns null.</summary>
    public Func<HttpRequest, IResult?>? Instead { get; set; }

    /// <summary>Paths asked for, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public Uri Address { get; private set; } = null!;

    public static async Task<StandIn> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        var server = new StandIn(builder.Build());
        server._application.Run(server.AnswerAsync);
        await server._application.StartAsync();
        server.Address = new Uri(server._application.Urls.Single());
        return server;
    }

    /// <summary>A client for which every host is this server, as indexes have hosts of their own.</summary>
    public HttpClient NewClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp)
            {
                NoDelay = true
            };
            await socket.ConnectAsync("127.0.0.1", Address.Port, cancellationToken);
            return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        },
    })
    { Timeout = TimeSpan.FromMinutes(2) };

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static IResult Refused(int status, string code, string message) =>
        Results.Json(
            new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message }, ["status"] = status },
            statusCode: status);

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path}");
        IResult result;
        try
        {
            result = Instead?.Invoke(context.Request) ?? await RouteAsync(context);
        }
        catch (StandInRefusal refusal)
        {
            result = Results.Json(
                new JsonObject { ["code"] = 3, ["message"] = refusal.Message, ["details"] = new JsonArray() },
                statusCode: 400);
        }

        await result.ExecuteAsync(context);
    }

    private async Task<IResult> RouteAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers["Api-Key"] != Key)
            return Results.Text("Unauthorized", statusCode: 401);

        if (!request.Headers.ContainsKey("X-Pinecone-Api-Version"))
            throw new StandInRefusal("X-Pinecone-Api-Version is missing.");

        using var content = new MemoryStream();
        await request.Body.CopyToAsync(content);
        if (content.Length > MaxRequestBytes)
            throw new StandInRefusal($"Request size {content.Length} exceeds the maximum of 2 MB.");

        var body = content.Length == 0 ? null : JsonNode.Parse(content.ToArray())!.AsObject();
        var host = request.Host.Host;
        if (!host.EndsWith(Domain, StringComparison.Ordinal))
            return Control(request, body);

        return _indexes.TryGetValue(host[..^Domain.Length], out var index) ? Data(context, index, body) : Results.NotFound();
    }

    private IResult Control(HttpRequest request, JsonObject? body)
    {
        string[] parts = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (request.Method, parts)
        {
            case ("GET", ["indexes"]):
                return Results.Json(
                    new JsonObject { ["indexes"] = new JsonArray([.. _indexes.Values.Select(index => (JsonNode)index.Describe())]) });
            case ("POST", ["indexes"]):
                var name = (string)body!["name"]!;
                var made = new StandInIndex(name, $"{name}{Domain}:{Address.Port}", (int)body["dimension"]!, (string)body["metric"]!);
                return body["spec"]?["serverless"]?["cloud"] is null || body["spec"]?["serverless"]?["region"] is null ?
                    Refused(400, "INVALID_ARGUMENT", "spec is missing.")
                    :
                    name.Length > 45 || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-') ?
                        Refused(400, "INVALID_ARGUMENT", "Name must consist of lower case alphanumeric characters or '-'.")
                    :
                        _indexes.TryAdd(name, made) ? Results.Json(made.Describe(), statusCode: 201)
                    : Refused(409, "ALREADY_EXISTS", "Resource already exists.");
            case ("GET", ["indexes", var wanted]) when _indexes.TryGetValue(wanted, out var found):
                return Results.Json(found.Describe());
            case ("DELETE", ["indexes", var doomed]) when _indexes.TryRemove(doomed, out _):
                return Results.StatusCode(202);
            default:
                return Refused(404, "NOT_FOUND", "Resource not found.");
        }
    }

    private IResult Data(HttpContext context, StandInIndex index, JsonObject? body)
    {
        var query = context.Request.Query;
        switch (context.Request.Method, context.Request.Path.Value)
        {
            case ("POST", "/vectors/upsert"):
                var (written, count) = index.Upsert(body!, IndexingDelay);
                context.Response.Headers["x-pinecone-request-lsn"] = written.ToString(System.Globalization.CultureInfo.InvariantCulture);
                return Results.Json(new JsonObject { ["upsertedCount"] = count });
            case ("POST", "/vectors/delete"):
                context.Response.Headers["x-pinecone-request-lsn"] = index.Delete(body!, IndexingDelay)
                    .ToString(System.Globalization.CultureInfo.InvariantCulture);
                return Results.Json(new JsonObject());
            case ("POST", "/query"):
                var (answer, indexed) = index.Query(body!, MissingIsNotEqual);
                context.Response.Headers["x-pinecone-max-indexed-lsn"] = indexed.ToString(
                    System.Globalization.CultureInfo.InvariantCulture);
                return Results.Json(answer);
            case ("GET", "/vectors/fetch"):
                return Results.Json(index.Fetch(query["namespace"]!, [.. query["ids"]!]));
            case ("GET", "/vectors/list"):
                return Results.Json(index.List(
                    query["namespace"]!,
                    int.Parse(query["limit"]!, System.Globalization.CultureInfo.InvariantCulture),
                    query["paginationToken"]));
            case ("POST", "/describe_index_stats"):
                return Results.Json(index.Stats());
            default:
                return Results.NotFound();
        }
    }
}
