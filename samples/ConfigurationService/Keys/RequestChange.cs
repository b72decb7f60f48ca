using ConfigurationService.Http;
using ConfigurationService.Persistence;

namespace ConfigurationService.Keys;

/// <summary>Who sent a request and why, as history will say.</summary>
internal static class RequestChange
{
    public static Change Of(HttpContext context) => new(Caller.Of(context).Name, ChangeReason.Read(context.Request));
}
