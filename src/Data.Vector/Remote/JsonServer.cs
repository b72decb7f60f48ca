namespace Data.Vector.Remote;

/// <summary>What differs between the servers that <see cref="JsonHttp"/> speaks to.</summary>
internal sealed record JsonServer
{
    /// <summary>The server's name in messages: <c>Chroma</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The server's name in telemetry: <c>chroma</c>.</summary>
    public required string System { get; init; }

    /// <summary>Follows "the answer is no JSON": what to look at.</summary>
    public required string Hint { get; init; }

    public required TimeSpan RequestTimeout { get; init; }

    public required int MaxRetryAttempts { get; init; }

    public required TimeSpan RetryDelay { get; init; }

    /// <summary>Puts the credentials and whatever else each request carries on it.</summary>
    public required Action<HttpRequestMessage> Prepare { get; init; }

    /// <summary>An answer that is no success, as an exception; gets the status code and the body.</summary>
    public required Func<System.Net.HttpStatusCode, string, DataVectorException> ReadError { get; init; }

    /// <summary>Headers of answers that callers look at.</summary>
    public IReadOnlyList<string> KeptHeaders { get; init; } = [];
}
