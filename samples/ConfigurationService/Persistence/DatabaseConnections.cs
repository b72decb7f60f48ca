using Npgsql;

namespace ConfigurationService.Persistence;

/// <summary>
/// The two logins of the service: the owner, who makes and changes the schema, and the application's role, who serves requests and is bound
/// by row-level security. When the settings name only the owner, the role is made for this database; its password is derived from the
/// key-encryption key, so that every instance knows it and no file holds it.
/// </summary>
/// <param name="Owner">The owner's connection string.</param>
/// <param name="Application">The connection string of the application's role.</param>
/// <param name="Listen">Where notices are heard: a pooler of transactions would hide them.</param>
/// <param name="Made">The password of the role, when the service makes it.</param>
internal sealed record DatabaseConnections(string Owner, string Application, string Listen, RolePassword? Made)
{
    public string ApplicationRole => new NpgsqlConnectionStringBuilder(Application).Username!;

    /// <summary>
    /// Both logins; <paramref name="password"/> is for the role that is made when <paramref name="application"/> is null.
    /// </summary>
    public static DatabaseConnections Of(string owner, string? application, string? listen, RolePassword password)
    {
        if (application is not null)
            return new DatabaseConnections(owner, application, listen ?? application, Made: null);
        var derived = new NpgsqlConnectionStringBuilder(owner);
        derived.Username = $"{derived.Database}_app";
        derived.Password = password.Password;
        return new DatabaseConnections(owner, derived.ConnectionString, listen ?? derived.ConnectionString, password);
    }
}
