using System.Text.Json;
using ConfigurationService.Http;
using ConfigurationService.Hub;
using ConfigurationService.Keys;
using ConfigurationService.Providers;
using ConfigurationService.Schemas;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ConfigurationService.Hosting;

/// <summary>What the endpoints themselves cannot say in <c>/openapi/v1.json</c>: the key, the headers, and examples.</summary>
internal static class OpenApiDescription
{
    private const string Scheme = "ApiKey";

    private static readonly Dictionary<string, TextShape> PathShapes = new(StringComparer.Ordinal)
    {
        ["tenant"] = TenantName.Shape,
        ["type"] = ProviderTypes.Shape,
        ["name"] = ProviderName.Shape,
        ["service"] = ServiceName.Shape,
    };

    public static void Configure(OpenApiOptions options)
    {
        // HEAD is GET without the body, and would be told twice.
        options.ShouldInclude = static call => call.HttpMethod != HttpMethods.Head;
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

            DescribePath(operation, context.Document!);
            foreach (var parameter in metadata.OfType<QueryParameter>())
                Add(operation, Parameter(parameter.Name, ParameterLocation.Query, parameter.Shape.Describe(context.Document!)));
            if (metadata.OfType<Conditional>().Any())
                AddHeaders(operation, context.Description.HttpMethod ?? "");
            if (metadata.OfType<BodyDeclaration>().FirstOrDefault() is { } body)
                operation.RequestBody = Body(body, operation.OperationId!, context.Document!);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // A member of this type holds settings: any object. Values of a map may be anything.
            if (context.JsonPropertyInfo?.PropertyType == typeof(JsonElement))
                (schema.Type, schema.AdditionalProperties) = (JsonSchemaType.Object, new OpenApiSchema());
            return Task.CompletedTask;
        });
    }

    private static void DescribePath(OpenApiOperation operation, OpenApiDocument document)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.In == ParameterLocation.Path && PathShapes.TryGetValue(parameter.Name!, out var shape))
                (parameter.Schema, parameter.Description) = (shape.Describe(document), shape.Description);
        }
    }

    private static OpenApiRequestBody Body(BodyDeclaration body, string operation, OpenApiDocument document) => new()
    {
        Required = true,
        Content = body.MediaTypes.ToDictionary(
            static type => type,
            _ => new OpenApiMediaType { Schema = body.Shape.Describe(document), Example = OpenApiExamples.Of(operation) },
            StringComparer.Ordinal),
    };

    private static void AddHeaders(OpenApiOperation operation, string method)
    {
        if (HttpMethods.IsGet(method))
        {
            Add(operation, Header("If-None-Match", "ETag of an earlier answer; 304 when nothing has changed."));
            return;
        }

        Add(operation, Header("If-Match", "ETag of what the change is based on; 412 when it has changed since."));
        Add(operation, Header("If-None-Match", "* for a change that only creates; 412 when there is something."));
        Add(operation, Header(ChangeReason.HeaderName, "Why; goes to history. At most 500 characters."));
    }

    private static void Add(OpenApiOperation operation, OpenApiParameter parameter) => (operation.Parameters ??= []).Add(parameter);

    private static OpenApiParameter Header(string name, string description)
    {
        var parameter = Parameter(name, ParameterLocation.Header, new OpenApiSchema { Type = JsonSchemaType.String });
        parameter.Description = description;
        return parameter;
    }

    private static OpenApiParameter Parameter(string name, ParameterLocation location, IOpenApiSchema schema) =>
        new() { Name = name, In = location, Schema = schema, Description = schema.Description };
}
