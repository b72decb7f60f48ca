namespace Data.Benchmarks.Vector;

/// <summary>The folder of the sources: the nearest parent that holds the solution.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Libraries.sln")))
                return folder.FullName;
        }

        return Directory.GetCurrentDirectory();
    }
}
