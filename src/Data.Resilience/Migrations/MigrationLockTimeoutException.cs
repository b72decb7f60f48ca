namespace Data.Resilience.Migrations;

/// <summary>Thrown when another instance held the migration lock for longer than this one was willing to wait.</summary>
public sealed class MigrationLockTimeoutException : DataResilienceException
{
    internal MigrationLockTimeoutException(TimeSpan waited, string holder)
        : base($"Another instance was still migrating after {waited.TotalSeconds:0} s ({holder}). Wait for it, or end it if it hangs.")
    {
    }
}
