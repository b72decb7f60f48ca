using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Schemas;

namespace ConfigurationService.Providers;

/// <summary>Members that would put a secret among the plain settings, which are answered, cached and kept in history as they are.</summary>
internal static class SecretNames
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "apikey", "apisecret", "secret", "secretkey", "clientsecret", "password", "passwd", "accesstoken", "refreshtoken", "authtoken",
        "token", "privatekey", "accesskey", "credentials",
    };

    /// <summary>Notes every member of an object, at any depth, that is named like a secret.</summary>
    public static void Reject(JsonElement settings, string pointer, BodyErrors errors)
    {
        foreach (var member in settings.EnumerateObject())
        {
            var at = JsonPointer.Join(pointer, member.Name);
            if (Names.Contains(member.Name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal)))
                errors.Add(Problems.SecretInConfig, at, "config is neither encrypted nor masked; send secrets as api_key and api_secret.");
            else
                RejectBelow(member.Value, at, errors);
        }
    }

    private static void RejectBelow(JsonElement value, string pointer, BodyErrors errors)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            Reject(value, pointer, errors);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var (index, item) in value.EnumerateArray().Index())
                RejectBelow(item, JsonPointer.Join(pointer, index), errors);
        }
    }
}
