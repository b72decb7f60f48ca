using ConfigurationService.Settings;
using Npgsql;

namespace ConfigurationService.Encryption;

/// <summary>
/// Makes sure that this database's data keys are wrapped with the key that the service holds: with another one every secret would be lost
/// to it.
/// </summary>
internal static class KeyRegistry
{
    private const string Register =
        """
        WITH known AS (SELECT count(*) AS keys, count(*) FILTER (WHERE kek_id = $1) AS ours FROM key_encryption_keys),
        added AS (INSERT INTO key_encryption_keys (kek_id) SELECT $1 FROM known WHERE keys = 0 ON CONFLICT DO NOTHING)
        SELECT keys = 0 OR ours > 0 FROM known
        """;

    public static async Task DemandAsync(NpgsqlConnection owner, KeyEncryptionKey kek, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Register, owner) { Parameters = { new() { Value = kek.Id } } };
        if (await command.ExecuteScalarAsync(cancellationToken) is not true)
        {
            throw new SettingsException(["Encryption:Key: this is not the key that this database's secrets are encrypted with (ours is "
                + $"{kek.Id}); restore the right one"]);
        }
    }
}
