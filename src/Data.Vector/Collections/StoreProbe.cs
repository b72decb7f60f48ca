using System.Globalization;

namespace Data.Vector.Collections;

/// <summary>
/// The probe behind <see cref="IVectorStore.ValidateAsync"/>: one record written, found, read and deleted in a collection of its own.
/// </summary>
internal static class StoreProbe
{
    private const string CollectionPrefix = "data-vector-probe-";
    private static readonly float[] Vector = [0.6f, 0.8f, 0f, 0f];

    /// <summary>Returns the name of a collection as metrics have it: one for all probes, whose collections differ each time.</summary>
    public static string MetricName(string collection) =>
        collection.StartsWith(CollectionPrefix, StringComparison.Ordinal) ? CollectionPrefix[..^1] : collection;

    /// <summary>Runs the probe.</summary>
    /// <param name="store">The store.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the probe.</param>
    public static Task<VectorStoreValidation> RunAsync(IVectorStore store, TimeProvider time, CancellationToken cancellationToken) =>
        RunAsync(() => store.ListCollectionsAsync(cancellationToken), store, time, cancellationToken);

    /// <summary>Runs the first step alone, for stores that a probe record would cost too much.</summary>
    /// <param name="connect">The step.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the probe.</param>
    public static Task<VectorStoreValidation> ConnectAsync(Func<Task> connect, TimeProvider time, CancellationToken cancellationToken) =>
        RunAsync(connect, null, time, cancellationToken);

    private static async Task<VectorStoreValidation> RunAsync(
        Func<Task> connect, IVectorStore? store, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var steps = new List<KeyValuePair<string, TimeSpan>>();
        // 42 characters: every store accepts them.
        var name = CollectionPrefix + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..24];
        var record = new VectorRecord("probe", Vector) { Document = "probe", Metadata = new() { ["probe"] = true } };
        IVectorCollection? collection = null;
        var step = "";
        try
        {
            await StepAsync("connect", connect).ConfigureAwait(false);
            if (store is null)
                return Success();

            await StepAsync("create", async () => collection = await store.CreateCollectionAsync(
                name,
                new() { Dimensions = Vector.Length },
                cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            await StepAsync("write", () => collection!.AddAsync([record], cancellationToken)).ConfigureAwait(false);
            await StepAsync("search", async () => Expect(await collection!.SearchAsync(
                new(Vector) { Filter = VectorFilter.Eq("probe", true) },
                cancellationToken).ConfigureAwait(false) is [{ Id: "probe" }], "the search did not find the record")).ConfigureAwait(false);
            await StepAsync("read", async () => Expect(
                (await collection!.GetAsync(["probe"], true, cancellationToken).ConfigureAwait(false)) is [{ Document: "probe" } read]
                    && read.Vector.Span.SequenceEqual(Vector),
                "the record read is not the record written")).ConfigureAwait(false);
            await StepAsync("delete", async () => Expect(
                await collection!.DeleteAsync(["probe"], cancellationToken).ConfigureAwait(false) == 1,
                "the record could not be deleted")).ConfigureAwait(false);
            return Success();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new VectorStoreValidation
            {
                Succeeded = false,
                FailedStep = step,
                Reason = exception is DataVectorException ? exception.Message : $"{exception.GetType().Name} during {step}.",
                Exception = exception,
                Duration = time.GetElapsedTime(started),
                Steps = steps,
            };
        }
        finally
        {
            if (collection is not null)
                await RemoveAsync(store!, name).ConfigureAwait(false);
        }

        VectorStoreValidation Success() => new() { Succeeded = true, Duration = time.GetElapsedTime(started), Steps = steps };

        async Task StepAsync(string what, Func<Task> action)
        {
            step = what;
            var begun = time.GetTimestamp();
            try
            {
                await action().ConfigureAwait(false);
            }
            finally
            {
                steps.Add(new(what, time.GetElapsedTime(begun)));
            }
        }
    }

    private static void Expect(bool condition, string complaint)
    {
        if (!condition)
            throw new DataVectorException($"The store responds, but {complaint}.");
    }

    private static async Task RemoveAsync(IVectorStore store, string name)
    {
        try
        {
            await store.DeleteCollectionAsync(name, CancellationToken.None).ConfigureAwait(false);
        }
        catch (DataVectorException)
        {
            // The outcome is known; a probe collection left on a failing store does not change it.
        }
    }
}
