using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Http;

namespace ConfigurationService.Providers;

/// <summary>Members that would put a secret among the plain settings, which are answered, cached and kept in history as they are.</summary>
internal static class SecretNames
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "apikey", "apisecret", "secret", "secretkey", "clientsecret", "password", "passwd", "accesstoken", "refreshtoken", "authtoken",
        "token", "privatekey", "accesskey", "credentials",
    };

    public static void Reject(BodyObject settings) => Reject(settings, settings.Element, settings.PointerTo);

    private static void Reject(BodyObject root, JsonElement element, Func<string, string> pointerTo)
    {
        foreach (var member in element.EnumerateObject())
        {
            var at = pointerTo(member.Name);
            if (Names.Contains(member.Name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal)))
            {
                root.FaultAt(
                                Problems.SecretInConfig,
                                at,
                                "config is neither encrypted nor masked; send secrets as api_key and api_secret.");
            }
            else
            {
                RejectBelow(root, member.Value, at);
            }
        }
    }

    private static void RejectBelow(BodyObject root, JsonElement value, string at)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            Reject(root, value, name => BodyObject.Join(at, name));
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var (index, item) in value.EnumerateArray().Index())
                RejectBelow(root, item, $"{at}/{index}");
        }
    }
}
