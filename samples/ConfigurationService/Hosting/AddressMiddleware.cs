using ConfigurationService.Errors;

namespace ConfigurationService.Hosting;

/// <summary>Refuses addresses that are too long with a problem document; the server itself would answer nothing.</summary>
internal sealed class AddressMiddleware(RequestDelegate next)
{
    public const int MaxServerBytes = 65_536;
    private const int MaxCharacters = 8_192;

    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.Value?.Length + context.Request.QueryString.Value?.Length > MaxCharacters
            ? throw new ProblemException(Problems.AddressTooLong, $"Path and query may have {MaxCharacters} characters together.")
            : next(context);
}
