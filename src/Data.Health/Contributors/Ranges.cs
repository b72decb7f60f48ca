namespace Data.Health.Contributors;

/// <summary>Range checks whose messages name the setting, its value and its range.</summary>
internal static class Ranges
{
    public static IEnumerable<string> Percent(string name, double value)
    {
        if (!(value is > 0 and <= 100))
            yield return $"{name} is {value}; it must be above 0 and at most 100.";
    }

    public static IEnumerable<string> Percents(double degraded, double unhealthy)
    {
        var errors = Percent("DegradedPercent", degraded).Concat(Percent("UnhealthyPercent", unhealthy));
        return degraded > unhealthy ?
            errors.Append($"DegradedPercent ({degraded}) must not exceed UnhealthyPercent ({unhealthy}).") :
            errors;
    }

    public static IEnumerable<string> Span(string name, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
            yield return $"{name} is {value}; it must be {min} to {max}.";
    }

    public static IEnumerable<string> AtLeast(string name, long value, long min)
    {
        if (value < min)
            yield return $"{name} is {value}; it must be at least {min}.";
    }

    public static IEnumerable<string> Required(string name, string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
            yield return $"{name} is required.";
    }

    public static IEnumerable<string> Port(int port)
    {
        if (port is < 1 or > 65535)
            yield return $"Port is {port}; it must be 1 to 65535.";
    }
}
