namespace Data.Resilience;

/// <summary>Base of every exception type of this package.</summary>
/// <remarks>
/// What the delegate, the driver or EF throws reaches the caller as it was thrown and is not wrapped in this type. Errors in arguments and
/// in the order of calls stay the framework's own types.
/// </remarks>
public abstract class DataResilienceException : Exception
{
    private protected DataResilienceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
