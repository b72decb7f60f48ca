namespace Data.PackageTests;

/// <summary>The C compiler that links what native compilation makes.</summary>
internal static class NativeLinker
{
    /// <summary>Returns its name; where none is installed, the test fails on CI and is skipped elsewhere.</summary>
    public static string Require()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var found = new[] { "clang", "gcc" }.FirstOrDefault(name => folders.Any(folder => File.Exists(Path.Combine(folder, name))));
        if (found is not null)
            return found;
        const string Missing = "Native compilation needs clang or gcc: eng/install-servers.sh linker";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(Missing);
        Assert.Skip(Missing);
        return "";
    }
}
