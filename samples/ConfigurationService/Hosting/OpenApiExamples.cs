using System.Text.Json.Nodes;

namespace ConfigurationService.Hosting;

/// <summary>Bodies that work as they are, by the names of the operations; a test sends each of them.</summary>
internal static class OpenApiExamples
{
    public static readonly IReadOnlyDictionary<string, string> Bodies = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["upsert_providers"] =
            """{"tenant_id":"test-tenant","map_providers":[{"provider_name":"openstreetmap","priority":"primary","enabled":true}]}""",
        ["replace_providers"] =
            """
            {"weather_providers":[{"provider_name":"openweathermap","priority":"primary",
              "config":{"units":"metric"},"api_key":"example-key"}]}
            """,
        ["put_provider"] = """{"priority":"secondary","enabled":true,"config":{"language":"en"}}""",
        ["patch_provider"] = """{"config":{"timeout_ms":2000}}""",
        ["rollback_provider"] = """{"config_id":"0193a7c5-0000-7000-8000-000000000000","version":1}""",
        ["publish_service"] =
            """{"config":{"feature_flags":{"new_checkout":true},"max_items":50},"description":"Checkout","tags":["shop"]}""",
        ["rollback_service"] = """{"version":1}""",
        ["create_key"] = """{"name":"checkout team","tenant_id":"test-tenant","scopes":["read","write"],"expires_in_days":90}""",
        ["write_documents"] =
            """{"documents":[{"id":"returns","text":"Goods can be returned within 30 days.","metadata":{"language":"en"}}]}""",
        ["search_documents"] = """{"query":"how do I return goods","top_k":3,"threshold":0.1,"where":{"language":"en"}}""",
    };

    public static JsonNode? Of(string operation) => Bodies.TryGetValue(operation, out var body) ? JsonNode.Parse(body) : null;
}
