namespace ConfigurationService.Settings;

/// <summary>
/// Where the service's own secrets come from. In embedded mode missing ones are made at first start; elsewhere they are required.
/// </summary>
/// <param name="EncryptionKey"><c>Encryption:Key</c>: 32 random bytes in base64 (<c>openssl rand -base64 32</c>) that wrap the tenants'
/// data keys.</param>
/// <param name="EncryptionKeyFile"><c>Encryption:KeyFile</c>: a file holding the same; embedded default
/// <c>DATA_DIR/encryption.key</c>.</param>
/// <param name="AdminKey"><c>Keys:Admin</c>: the administrator's first API key, <c>dcs_</c> and 43 characters of base64url.</param>
/// <param name="AdminKeyFile"><c>Keys:AdminFile</c>: a file holding the same; embedded default <c>DATA_DIR/admin.key</c>.</param>
/// <param name="MayCreate">Whether missing key files are made: embedded mode only.</param>
internal sealed record SecretSettings(
    string? EncryptionKey,
    string? EncryptionKeyFile,
    string? AdminKey,
    string? AdminKeyFile,
    bool MayCreate)
{
    public static SecretSettings Read(SettingReader reader, StorageSettings storage)
    {
        var encryption = OneOf(reader, "Encryption:Key", "Encryption:KeyFile", storage, "encryption.key");
        var admin = OneOf(reader, "Keys:Admin", "Keys:AdminFile", storage, "admin.key");
        return new SecretSettings(encryption.Value, encryption.File, admin.Value, admin.File, storage.Embedded);
    }

    private static (string? Value, string? File) OneOf(
        SettingReader reader, string valueName, string fileName, StorageSettings storage, string embeddedFile)
    {
        var value = reader.Text(valueName);
        var file = reader.Text(fileName);
        if (value is not null && file is not null)
            reader.Fault(valueName, $"is set together with {fileName}; set one of them");
        else if (value is null && file is null && !storage.Embedded)
            reader.Fault(valueName, $"is missing: with ConnectionStrings:Postgres set, give {valueName} or {fileName}");
        else if (file is not null && !storage.Embedded && !File.Exists(file))
            reader.Fault(fileName, $"the file '{file}' does not exist");
        return (value, value is null ? file ?? Path.Combine(storage.DataDirectory, embeddedFile) : null);
    }
}
