namespace Data.Vector.Remote;

/// <summary>What differs between the servers that <see cref="JsonHttp"/> calls.</summary>
internal sealed record JsonServer
{
    /// <summary>The server's name in messages: <c>Chroma</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The server's name in telemetry: <c>chroma</c>.</summary>
    public required string System { get; init; }

    /// <summary>Follows "the response is not JSON": what to check.</summary>
    public required string Hint { get; init; }

    public required TimeSpan RequestTimeout { get; init; }

    public required int MaxRetryAttempts { get; init; }

    public required TimeSpan RetryDelay { get; init; }

    /// <summary>Adds the credentials and other headers to a request.</summary>
    public required Action<HttpRequestMessage> Prepare { get; init; }

    /// <summary>Turns an unsuccessful response into an exception; receives the status code and the body.</summary>
    public required Func<System.Net.HttpStatusCode, string, DataVectorException> ReadError { get; init; }

    /// <summary>Headers of responses that callers read.</summary>
    public IReadOnlyList<string> KeptHeaders { get; init; } = [];
}
