namespace ConfigurationService.Http;

/// <summary>A member of a body that may be absent, null or present: three different wishes.</summary>
internal readonly record struct Given<T>(bool IsGiven, T? Value)
    where T : class
{
    public static Given<T> Absent => default;

    public static Given<T> Of(T? value) => new(true, value);
}
