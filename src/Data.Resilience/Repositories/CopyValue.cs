using Npgsql;

namespace Data.Resilience.Repositories;

/// <summary>The calls that compiled column writers end in.</summary>
internal static class CopyValue
{
    public static bool IsUnset<TValue>(TValue value, TValue sentinel) => EqualityComparer<TValue>.Default.Equals(value, sentinel);

    public static Task Write<TValue>(NpgsqlBinaryImporter importer, TValue value, string type, CancellationToken cancellationToken)
        where TValue : struct => importer.WriteAsync(value, type, cancellationToken);

    public static Task WriteNullable<TValue>(NpgsqlBinaryImporter importer, TValue? value, string type, CancellationToken cancellationToken)
        where TValue : struct =>
        value is { } present ? importer.WriteAsync(present, type, cancellationToken) : importer.WriteNullAsync(cancellationToken);

    public static Task WriteReference<TValue>(
        NpgsqlBinaryImporter importer,
        TValue? value,
        string type,
        CancellationToken cancellationToken)
        where TValue : class =>
        value is not null ? importer.WriteAsync(value, type, cancellationToken) : importer.WriteNullAsync(cancellationToken);
}
