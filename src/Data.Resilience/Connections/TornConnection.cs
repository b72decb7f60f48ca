using Data.Resilience.Transience;
using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>Gives back a connection that the driver could not close, because it read an answer that ended in the middle.</summary>
internal static class TornConnection
{
    private const int MaxTries = 16;

    /// <summary>Disposes the connection, and with it gives its place in the pool back. Never throws.</summary>
    /// <remarks>
    /// Closing rolls back, and reads on in what is left of the answer. The place in the pool is free when the connection is closed or when
    /// the driver has met the end of the stream; each try comes nearer to it.
    /// </remarks>
    public static async ValueTask DisposeAsync(NpgsqlConnection connection)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            try
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                return;
            }
            catch (Exception) when (!FailureClassifier.IsBroken(connection))
            {
                // Again.
            }
            catch (Exception)
            {
                return;
            }
        }
    }
}
