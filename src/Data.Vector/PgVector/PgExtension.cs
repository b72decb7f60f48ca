using System.Buffers;

namespace Data.Vector.PgVector;

/// <summary>The extension as the database has it.</summary>
/// <param name="Schema">The schema of its types and operators, which need not be on the login's search path.</param>
/// <param name="Version">Its version.</param>
internal sealed record PgExtension(string Schema, Version Version)
{
    /// <summary>The first version with half-precision indexes.</summary>
    public static readonly Version Oldest = new(0, 7);

    private static readonly SearchValues<char> Numbers = SearchValues.Create("0123456789.");
    private static readonly Version Iterative = new(0, 8);

    /// <summary>Whether a scan of the index goes on until it has enough rows that the filter accepts.</summary>
    public bool ScansIteratively => Version >= Iterative;

    /// <summary>Returns a type, function or operator class of the extension with its schema.</summary>
    public string Of(string name) => $"{PgName.Quoted(Schema)}.{name}";

    public static PgExtension From(string schema, string version)
    {
        // Builds from sources can carry a suffix.
        var number = version.AsSpan();
        var end = number.IndexOfAnyExcept(Numbers);
        var found = new PgExtension(schema, Version.TryParse(end < 0 ? number : number[..end], out var parsed) ? parsed : Oldest);
        return found.Version >= Oldest
            ? found
            : throw new VectorStoreProtocolException(
                $"{PgErrors.Server} has the extension vector in version {version}; the store needs {Oldest} or later. Install it and run "
                + "ALTER EXTENSION vector UPDATE.");
    }
}
