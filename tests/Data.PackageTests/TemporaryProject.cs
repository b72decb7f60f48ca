namespace Data.PackageTests;

/// <summary>A folder outside the repository, so that none of its build settings reach what is built there.</summary>
internal sealed class TemporaryProject : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("data-consumer-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
