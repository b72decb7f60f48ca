using Microsoft.AspNetCore.Routing;

namespace ConfigurationService.Hosting;

/// <summary>Lets every endpoint that answers GET answer HEAD, which is the same without the body (RFC 9110, 9.3.2).</summary>
internal static class HeadRequests
{
    public static void Allow(EndpointBuilder endpoint)
    {
        for (var i = 0; i < endpoint.Metadata.Count; i++)
        {
            if (endpoint.Metadata[i] is HttpMethodMetadata { HttpMethods: ["GET"] })
                endpoint.Metadata[i] = new HttpMethodMetadata(["GET", "HEAD"]);
        }
    }
}
