using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Checks that a connection has the user that was configured.</summary>
/// <remarks>
/// A server whose default user is open refuses the password of a named user and still serves the connection, as the default user. The
/// client reports such a connection as sound (2.13.23 and 3.4.35).
/// </remarks>
internal static class UserCheck
{
    /// <summary>Fails when the server has refused the configured user.</summary>
    /// <exception cref="RedisConnectionException">The connection is that of another user.</exception>
    public static async Task RunAsync(
        IConnectionMultiplexer multiplexer,
        DataCacheOptions options,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var user = Multiplexers.Configure(options).User;
        if (string.IsNullOrEmpty(user))
            return;
        try
        {
            var actual = (string?)await multiplexer.GetDatabase().ExecuteAsync("ACL", "WHOAMI")
                .WaitAsync(options.RemoteHardTimeout, time, cancellationToken).ConfigureAwait(false);
            if (actual != user)
                throw new RedisConnectionException(ConnectionFailureType.AuthenticationFailure, "Redis refuses the configured user.");
        }
        catch (RedisServerException)
        {
            // The server has no users, or this one may not ask. An open default user may, so the connection is not its.
        }
    }
}
