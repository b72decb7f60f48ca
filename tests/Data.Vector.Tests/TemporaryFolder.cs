namespace Data.Vector.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("data-vector-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
