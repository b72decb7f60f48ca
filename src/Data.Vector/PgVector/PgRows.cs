using System.Data.Common;

namespace Data.Vector.PgVector;

/// <summary>The columns that a query selects, and the records that its rows are.</summary>
internal static class PgRows
{
    /// <summary>Returns the columns of a record.</summary>
    public static string Columns(bool includeVectors, bool includeDocuments) =>
        $"id, metadata::text, {(includeDocuments ? "document" : "NULL::text")}, {(includeVectors ? "embedding" : "NULL")}::real[]";

    public static VectorRecord Record(DbDataReader row) => new(row.GetString(0), Vector(row))
    {
        Metadata = PgMetadata.Decode(row.GetString(1)),
        Document = row.IsDBNull(2) ? null : row.GetString(2),
    };

    /// <summary>Returns the vector of a row, null when it was not selected.</summary>
    public static float[]? Vector(DbDataReader row) => row.IsDBNull(3) ? null : row.GetFieldValue<float[]>(3);

    /// <summary>Returns the column after those of the record.</summary>
    public static float Distance(DbDataReader row) => (float)row.GetDouble(4);
}
