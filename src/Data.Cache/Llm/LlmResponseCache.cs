using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Data.Cache.Internal;
using Data.Cache.Llm;
using Data.Cache.Telemetry;

namespace Data.Cache;

/// <summary>Caches responses of language models: exact matches only, partitioned by tenant and model, always with an expiration.</summary>
/// <remarks>
/// Safe for concurrent use. The key is a SHA-256 over tenant, model, parameters, system message, conversation and tools, in the partition
/// of the tenant and the model, so that no prompt can reach the response of another tenant. Concurrent identical requests share one call,
/// across nodes while Redis is connected. A response that failed or was cut off is not kept.
/// </remarks>
/// <example>
/// <code>
/// var responses = provider.GetRequiredService&lt;LlmResponseCache&gt;();
/// var answer = await responses.GetOrCreateAsync(
///     new LlmRequest { TenantId = "acme", Model = "model-1", Messages = [new LlmMessage("user", "Why is the sky blue?")] },
///     token => new ValueTask&lt;string&gt;("Rayleigh scattering."),     // calls the model
///     usage: text => new LlmUsage(InputTokens: 6, OutputTokens: 4),
///     cancellationToken: cancellationToken);
/// </code>
/// </example>
public sealed class LlmResponseCache
{
    private readonly ConcurrentDictionary<(Type, string), object> _streams = new();
    private readonly StripedCounter _requests = new();
    private readonly StripedCounter _saved = new();
    private readonly StripedCounter _savedInput = new();
    private readonly StripedCounter _savedOutput = new();
    private readonly DataCache _cache;
    private readonly DataCacheEntryOptions _entry;

    /// <summary>Initializes a cache of responses over a cache.</summary>
    /// <param name="cache">Holds the responses.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="cache"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of range; the message names the option and its range.</exception>
    public LlmResponseCache(DataCache cache, LlmResponseCacheOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        options ??= new LlmResponseCacheOptions();
        var verdict = new LlmResponseCacheOptionsValidator().Validate(name: null, options);
        if (verdict.Failed)
            throw new ArgumentException(verdict.FailureMessage, nameof(options));
        _cache = cache;
        _entry = new DataCacheEntryOptions
        {
            Expiration = options.TimeToLive,
            NegativeExpiration = TimeSpan.Zero,
            FactoryHardTimeout = options.ModelTimeout,
            MaxStale = TimeSpan.Zero,
            EagerRefreshThreshold = 0,
        };
    }

    /// <summary>Returns the cached response, or calls the model and caches what it answers.</summary>
    /// <typeparam name="T">Type of the response; serialised as any value of the cache.</typeparam>
    /// <param name="request">What is asked.</param>
    /// <param name="call">Calls the model; runs once for all concurrent identical requests.</param>
    /// <param name="usage">Reads from a response what it cost; null counts no tokens.</param>
    /// <param name="shouldCache">Whether a response is worth keeping, for example because it was not filtered; null keeps all.</param>
    /// <param name="cancellationToken">Stops this caller's wait; the call goes on for the others.</param>
    /// <returns>The response.</returns>
    /// <exception cref="ArgumentException">The tenant or the model is empty, too long, or contains a control character or a
    /// lone surrogate.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="TimeoutException">The model exceeded <see cref="LlmResponseCacheOptions.ModelTimeout"/>.</exception>
    public async ValueTask<T> GetOrCreateAsync<T>(
        LlmRequest request,
        Func<CancellationToken, ValueTask<T>> call,
        Func<T, LlmUsage>? usage = null,
        Func<T, bool>? shouldCache = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(call);
        var called = false;
        var response = await Partition(request).GetOrCreateAsync(
            LlmRequestHash.Of(request, "whole"),
            async (context, token) =>
            {
                called = true;
                var made = await call(token).ConfigureAwait(false);
                context.SkipCaching = shouldCache is not null && !shouldCache(made);
                return made;
            },
            _entry,
            cancellationToken: cancellationToken).ConfigureAwait(false);
        Count(!called, usage is null ? default : usage(response));
        return response;
    }

    /// <summary>Streams the cached response part by part, or the model's answer as it comes, and caches it once it is whole.</summary>
    /// <typeparam name="T">Type of the parts; serialised as any value of the cache. Concurrent readers share them, so they are not to be
    /// changed.</typeparam>
    /// <param name="request">What is asked.</param>
    /// <param name="call">Calls the model; runs once for all concurrent identical requests, until the last reader has left.</param>
    /// <param name="usage">Reads from all parts what they cost; null counts no tokens.</param>
    /// <param name="shouldCache">Whether a whole response is worth keeping; null keeps all.</param>
    /// <param name="cancellationToken">Stops this reader; the call goes on for the others.</param>
    /// <returns>The parts in the model's own order and division; a reader that comes late starts at the first.</returns>
    /// <exception cref="ArgumentException">The tenant or the model is empty, too long, or contains a control character or a
    /// lone surrogate.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="TimeoutException">The model exceeded <see cref="LlmResponseCacheOptions.ModelTimeout"/>.</exception>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        LlmRequest request,
        Func<CancellationToken, IAsyncEnumerable<T>> call,
        Func<IReadOnlyList<T>, LlmUsage>? usage = null,
        Func<IReadOnlyList<T>, bool>? shouldCache = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(call);
        var (stream, producing) = Join(request, call, shouldCache);
        var parts = usage is null ? null : new List<T>();
        await foreach (var part in stream.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            parts?.Add(part);
            yield return part;
        }

        var called = producing is not null && await producing.ConfigureAwait(false);
        Count(!called, parts is null ? default : usage!(parts));
    }

    /// <summary>Forgets every response of a tenant, in one round trip.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>A task that ends when no node serves them any more, or, while Redis is disconnected, when that is queued.</returns>
    /// <exception cref="ArgumentException">The tenant is empty, too long, or contains a control character or a lone
    /// surrogate.</exception>
    public ValueTask ForgetTenantAsync(string tenantId, CancellationToken cancellationToken = default) =>
        Tenant(tenantId).RemoveByTagAsync("*", cancellationToken);

    /// <summary>Returns what was saved since the start.</summary>
    /// <returns>A snapshot of this process.</returns>
    public LlmResponseCacheStatistics GetStatistics() => new()
    {
        Requests = _requests.Value,
        SavedCalls = _saved.Value,
        SavedInputTokens = _savedInput.Value,
        SavedOutputTokens = _savedOutput.Value,
    };

    private DataCache Tenant(string tenantId) => _cache.ForTenant(tenantId).ForNamespace("llm");

    private DataCache Partition(LlmRequest request) => Tenant(request.TenantId).ForNamespace(request.Model);

    // Returns the stream, and for the one who started it a task that tells whether the model was called for it.
    private (SharedStream<T> Stream, Task<bool>? Producing) Join<T>(
        LlmRequest request,
        Func<CancellationToken, IAsyncEnumerable<T>> call,
        Func<IReadOnlyList<T>, bool>? shouldCache)
    {
        var partition = Partition(request);
        var key = LlmRequestHash.Of(request, "stream");
        while (true)
        {
            var own = new SharedStream<T>();
            own.TryJoin();
            var stream = (SharedStream<T>)_streams.GetOrAdd((typeof(T), key), own);
            if (ReferenceEquals(stream, own))
                return (own, ProduceAsync(partition, key, own, call, shouldCache));
            if (stream.TryJoin())
                return (stream, null);
            _streams.TryRemove(KeyValuePair.Create((typeof(T), key), (object)stream));
        }
    }

    private async Task<bool> ProduceAsync<T>(
        DataCache partition,
        string key,
        SharedStream<T> stream,
        Func<CancellationToken, IAsyncEnumerable<T>> call,
        Func<IReadOnlyList<T>, bool>? shouldCache)
    {
        var called = false;
        try
        {
            var whole = await partition.GetOrCreateAsync(
                key,
                async (context, token) =>
                {
                    called = true;
                    var parts = new List<T>();
                    await foreach (var part in call(token).WithCancellation(token).ConfigureAwait(false))
                    {
                        parts.Add(part);
                        stream.Add(part);
                    }

                    context.SkipCaching = shouldCache is not null && !shouldCache(parts);
                    return parts.ToArray();
                },
                _entry,
                cancellationToken: stream.Abandoned).ConfigureAwait(false);
            foreach (var part in called ? [] : whole)
                stream.Add(part);
            stream.End();
        }
        catch (Exception exception)
        {
            // Before its readers hear of the failure: one that asks again at once must not join it.
            Remove();
            stream.End(exception);
        }
        finally
        {
            Remove();
        }

        return called;

        void Remove() => _streams.TryRemove(KeyValuePair.Create((typeof(T), key), (object)stream));
    }

    private void Count(bool saved, LlmUsage usage)
    {
        _requests.Increment();
        CacheMeter.LlmAnswered(saved, usage.InputTokens, usage.OutputTokens);
        if (!saved)
            return;
        _saved.Increment();
        _savedInput.Add(usage.InputTokens);
        _savedOutput.Add(usage.OutputTokens);
    }
}
