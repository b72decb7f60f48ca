using ConfigurationService.Http;
using ConfigurationService.Keys;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ConfigurationService.Hosting;

/// <summary>What the endpoints themselves cannot say in <c>/openapi/v1.json</c>: the key, the headers, and examples.</summary>
internal static class OpenApiDescription
{
    private const string Scheme = "ApiKey";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Configuration service",
                Version = "v1",
                Description = "Providers per tenant and configuration per service, with history, rollback and encrypted secrets. Errors "
                + "are RFC 9457 problem documents; branch on code.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Scheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.ApiKey,
                    In = ParameterLocation.Header,
                    Name = ApiKeyHeader.Name,
                    Description = "A tenant's or an administrator's key."
                },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (metadata.OfType<AccessRule>().FirstOrDefault() is { } rule)
            {
                operation.Security = [new OpenApiSecurityRequirement {
                    [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [ApiScopeNames.Of(rule.Scope)[0]] }];
            }

            if (metadata.OfType<Conditional>().Any())
                AddHeaders(operation, context.Description.HttpMethod ?? "");

            OpenApiExamples.AddTo(operation);
            return Task.CompletedTask;
        });
    }

    private static void AddHeaders(OpenApiOperation operation, string method)
    {
        operation.Parameters ??= [];
        if (HttpMethods.IsGet(method))
        {
            operation.Parameters.Add(Header("If-None-Match", "ETag of an earlier answer; 304 when nothing has changed."));
            return;
        }

        operation.Parameters.Add(Header("If-Match", "ETag of what the change is based on; 412 when it has changed since."));
        operation.Parameters.Add(Header(ChangeReason.HeaderName, "Why; goes to history. At most 500 characters."));
    }

    private static OpenApiParameter Header(string name, string description) =>
        new()
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String }
        };
}
