using ConfigurationService.Errors;

namespace ConfigurationService.Http;

/// <summary>Why something is changed: the header <c>X-Change-Reason</c>.</summary>
internal static class ChangeReason
{
    public const string HeaderName = "X-Change-Reason";
    private const int MaxLength = 500;

    public static string? Read(HttpRequest request)
    {
        var reason = request.Headers[HeaderName].ToString();
        if (reason.Length == 0)
            return null;
        return reason.Length <= MaxLength && !reason.Any(char.IsControl)
            ? reason
            : throw new ProblemException(
                Problems.InvalidParameter,
                $"{HeaderName} has at most {MaxLength} characters and no control characters.");
    }
}
