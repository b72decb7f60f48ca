using Data.Vector.Storage;

namespace Data.Vector.Embedded;

/// <summary>Turns failures of the disk into exceptions of the package.</summary>
internal static class DiskFailure
{
    public static async Task<T> TranslateAsync<T>(string? folder, Func<Task<T>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception))
        {
            throw DurableFile.IsFull(exception)
                ? new VectorStoreFullException("The disk is full.", exception)
                : new DataVectorException($"The folder {folder} cannot be used: {exception.Message}", exception);
        }
    }
}
