using ConfigurationService.Schemas;

namespace ConfigurationService.Http;

/// <summary>Says on an endpoint which body it reads.</summary>
internal static class BodyExtensions
{
    public static RouteHandlerBuilder Reads(this RouteHandlerBuilder endpoint, ObjectShape shape, params string[] mediaTypes) =>
        endpoint.Reads(new BodyDeclaration(shape, mediaTypes.Length > 0 ? mediaTypes : [MediaType.Json]));

    public static RouteHandlerBuilder Reads(this RouteHandlerBuilder endpoint, BodyDeclaration body) => endpoint.WithMetadata(body);
}
