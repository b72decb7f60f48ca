namespace Data.Health.Startup;

/// <summary>Name of a declared start-up step.</summary>
internal sealed record StartupStepName(string Name);
