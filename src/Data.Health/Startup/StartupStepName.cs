namespace Data.Health.Startup;

/// <summary>A declared step; the container collects them.</summary>
internal sealed record StartupStepName(string Name);
