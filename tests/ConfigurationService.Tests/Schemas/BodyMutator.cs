using System.Text;
using System.Text.Json.Nodes;

namespace ConfigurationService.Tests.Schemas;

/// <summary>Makes wrong bodies, and some right ones, of a right one. The same seed makes the same bodies.</summary>
internal sealed class BodyMutator(string body, int seed)
{
    private static readonly string[] Values =
    [
        "null", "true", "[]", "{}", "\"\"", "0", "-1", "1.0", "1e2", "2147483648", "1e131071", "1e-131071", "-0.0", "1e308",
        "99e99999999999", "123456789012345678901234567890123456789012345", "\"\\ud800\"", "\"\\udfff\\ud800\"",
        "\"\\u0000\"", "\"a\\r\\nb\"", "\"\\u202e\"",
        "\"\U0001F600\"", "\"../..\"", "\"$1'; --\"", "[[[[[[[[1]]]]]]]]", "{\"a\":{\"b\":[null]}}", "{\"password\":1}", "{\"\":0}",
        "{\"\\ud800\":1}", "{\"\\u0000\":1}", "\"primary\"", "\"test-tenant\"",
    ];

    private static readonly byte[][] Bytes =
    [
        [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0], [0x7F], [.. "\\u"u8], [.. "\\ud800"u8], [.. "e131071"u8], [.. "\""u8], [.. "{"u8],
        [.. ","u8],
    ];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var text = _random.Next(4) == 0 ? Encoding.UTF8.GetBytes(body) : Encoding.UTF8.GetBytes(Structure());
        return _random.Next(3) == 0 ? Damage(text) : text;
    }

    /// <summary>Puts a hostile value, or a member of a hostile name, at a random place of the tree.</summary>
    private string Structure()
    {
        var root = JsonNode.Parse(body)!;
        const string mark = "b7c1f0a9mark";
        var value = Values[_random.Next(Values.Length)];
        var places = Places(root).ToList();
        var place = places[_random.Next(places.Count)];
        switch (place)
        {
            case JsonObject target when _random.Next(3) == 0:
                target[$"{mark}name"] = mark;
                break;
            case JsonObject { Count: > 0 } target:
                var name = target.ElementAt(_random.Next(target.Count)).Key;
                if (_random.Next(5) == 0)
                    target.Remove(name);
                else
                    target[name] = mark;
                break;
            case JsonArray { Count: > 0 } target:
                target[_random.Next(target.Count)] = mark;
                break;
            case JsonArray target:
                target.Add(mark);
                break;
        }

        var names = (string[])["\\ud800", "\\u0000", "a\\r\\n", "", "provider_name", "config", "~/", new('n', _random.Next(1, 5000))];
        return root.ToJsonString().Replace($"{mark}name", names[_random.Next(names.Length)], StringComparison.Ordinal)
            .Replace($"\"{mark}\"", value, StringComparison.Ordinal);
    }

    private byte[] Damage(byte[] text)
    {
        var at = _random.Next(text.Length + 1);
        return _random.Next(5) switch
        {
            0 => text[..at],
            1 => [.. text[..at], .. Bytes[_random.Next(Bytes.Length)], .. text[at..]],
            2 => [.. text[..at], (byte)_random.Next(256), .. text[Math.Min(at + 1, text.Length)..]],
            3 => [.. text[..at], .. text[_random.Next(at + 1)..]],
            _ => [.. text, .. text],
        };
    }

    private static IEnumerable<JsonNode> Places(JsonNode node)
    {
        if (node is JsonObject or JsonArray)
            yield return node;
        var children = node switch
        {
            JsonObject target => target.Select(static m => m.Value),
            JsonArray target => target,
            _ => Enumerable.Empty<JsonNode?>(),
        };
        foreach (var place in children.OfType<JsonNode>().SelectMany(Places))
            yield return place;
    }
}
