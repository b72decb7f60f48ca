using Data.Resilience.Replicas;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Data.Resilience.Sharding;

internal sealed class ShardOptionsValidator : IValidateOptions<ShardOptions>
{
    public ValidateOptionsResult Validate(string? name, ShardOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        if (options.ConnectionStrings.Count == 0)
            errors.AddError("must name at least one shard.", $"{nameof(ShardOptions)}.{nameof(options.ConnectionStrings)}");
        foreach (var (shard, connectionString) in options.ConnectionStrings)
        {
            if (shard.Length is 0 or > 63)
            {
                errors.AddError(
                    $"must have names of 1 to 63 characters; '{shard}' has {shard.Length}.",
                    $"{nameof(ShardOptions)}.{nameof(options.ConnectionStrings)}");
            }

            if (!IsUsable(connectionString))
            {
                errors.AddError(
                    "must be a valid Npgsql connection string with a Host.",
                    $"{nameof(ShardOptions)}.{nameof(options.ConnectionStrings)}:{shard}");
            }
        }

        foreach (var (tenant, shard) in options.Pins)
        {
            if (!options.ConnectionStrings.ContainsKey(shard))
            {
                errors.AddError(
                    $"names no shard: '{shard}'. There are {string.Join(", ", options.ConnectionStrings.Keys)}.",
                    $"{nameof(ShardOptions)}.{nameof(options.Pins)}:{tenant}");
            }
        }

        foreach (var (shard, connectionStrings) in options.Replicas)
        {
            if (!options.ConnectionStrings.ContainsKey(shard) || connectionStrings.Count == 0
                || !connectionStrings.All(ReplicaOptionsValidator.IsUsable))
            {
                errors.AddError(
                    "must belong to a shard and hold one valid Npgsql connection string per replica, each with one Host.",
                    $"{nameof(ShardOptions)}.{nameof(options.Replicas)}:{shard}");
            }
        }

        return errors.Build();
    }

    private static bool IsUsable(string? connectionString)
    {
        try
        {
            return !string.IsNullOrWhiteSpace(connectionString)
                && new NpgsqlConnectionStringBuilder(connectionString).Host is { Length: > 0 };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // Not the exception's text, which may quote a password.
            return false;
        }
    }
}
