namespace Data.Health.Startup;

/// <summary>Name of a declared start-up step.</summary>
internal sealed record StartupStepName(string Name)
{
    public bool IsSame(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}
