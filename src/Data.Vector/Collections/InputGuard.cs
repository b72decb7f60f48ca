using Data.Vector.Metadata;

namespace Data.Vector.Collections;

/// <summary>
/// Rejects malformed names, options, ids and metadata before anything is written; the message names the record and what is expected.
/// </summary>
internal static class InputGuard
{
    public const int MaxIdLength = 512;

    public static void CollectionName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var wellFormed = name.Length is >= 3 and <= 512
            && char.IsAsciiLetterOrDigit(name[0])
            && char.IsAsciiLetterOrDigit(name[^1])
            && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
        if (!wellFormed)
        {
            throw new VectorInputException(
                $"'{name}' is not a valid collection name: use 3 to 512 characters of A-Z a-z 0-9 . _ -, beginning and ending with a "
                + "letter or digit.");
        }
    }

    public static void Options(VectorCollectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        InRange(options.Dimensions, 1, VectorCollectionOptions.MaxDimensions, nameof(options.Dimensions));
        var hnsw = options.Hnsw ?? throw new VectorInputException("Hnsw must not be null.");
        InRange(hnsw.M, 2, 128, nameof(hnsw.M));
        InRange(hnsw.EfConstruction, hnsw.M, 4_096, nameof(hnsw.EfConstruction));
        InRange(hnsw.EfSearch, 1, 10_000, nameof(hnsw.EfSearch));
        InRange(hnsw.Capacity, 0, 100_000_000, nameof(hnsw.Capacity));
        Defined(options.Metric);
        Defined(options.Index);
        Defined(hnsw.Quantization);
        Defined(options.TextIndex);
    }

    public static void Tuning(RecallTuning tuning)
    {
        if (tuning.TargetRecall is not (> 0 and < 1))
            throw new VectorInputException($"{nameof(tuning.TargetRecall)} is {tuning.TargetRecall}; it must be above 0 and below 1.");

        InRange(tuning.Top, 1, 1_000, nameof(tuning.Top));
        InRange(tuning.SampleSize, 10, 10_000, nameof(tuning.SampleSize));
    }

    public static void Id(string id, int position)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaxIdLength || !WellFormedText.Is(id))
        {
            throw new VectorInputException(
                $"The id at position {position} is {Fault(id)}; an id has 1 to {MaxIdLength} characters.",
                id,
                position);
        }
    }

    private static string Fault(string? id) => id switch
    {
        null => "null",
        "" => "empty",
        { Length: > MaxIdLength } => $"{id.Length} characters long",
        _ => "not well-formed text",
    };

    /// <summary>Checks every id, and that none appears more than once.</summary>
    public static void DistinctIds<T>(IReadOnlyList<T> items, Func<T, string> idOf)
    {
        var seen = items.Count > 1 ? new HashSet<string>(items.Count, StringComparer.Ordinal) : null;
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is null)
                throw new VectorInputException($"The item at position {i} is null.", null, i);

            var id = idOf(items[i]);
            Id(id, i);
            if (seen?.Add(id) == false)
                throw new VectorInputException($"The id '{id}' at position {i} appears more than once.", id, i);
        }
    }

    public static void Document(string? document, string id, int position)
    {
        if (document is not null && !WellFormedText.Is(document))
        {
            throw new VectorInputException(
                $"The document of '{id}' at position {position} contains half a surrogate pair, which UTF-8 cannot encode.",
                id,
                position);
        }
    }

    /// <summary>Checks metadata and returns a copy that nobody can change.</summary>
    public static VectorMetadata Metadata(VectorMetadata metadata, string id, int position)
    {
        foreach (var (key, value) in metadata.Entries)
        {
            var reason = MetadataKeys.Refusal(key) ?? (WellFormedText.Is(key) ? null : "contains half a surrogate pair");
            if (reason is not null)
            {
                throw new VectorInputException(
                    $"The metadata of '{id}' at position {position} has the key '{key}', which {reason}.",
                    id,
                    position);
            }

            if (Refusal(value) is { } wrong)
                throw new VectorInputException($"The metadata '{key}' of '{id}' at position {position} {wrong}.", id, position);
        }

        return metadata.Freeze();
    }

    public static void InRange(int value, int low, int high, string what)
    {
        if (value < low || value > high)
            throw new VectorInputException($"{what} is {value}; it must be from {low} to {high}.");
    }

    private static string? Refusal(MetadataValue value) => value.Kind switch
    {
        MetadataValueKind.None => "has no value; leave the key out instead",
        MetadataValueKind.Text when !WellFormedText.Is(value.AsString()) => "contains half a surrogate pair, which UTF-8 cannot encode",
        MetadataValueKind.Number when !double.IsFinite(value.AsDouble()) => $"is {value}; numbers must be finite",
        MetadataValueKind.NumberArray when value.AsDoubles()
            .ContainsAnyExceptInRange(double.MinValue, double.MaxValue) => "contains a number that is not finite",
        MetadataValueKind.TextArray when value.AsStrings().ToArray()
            .Any(static text => !WellFormedText.Is(text)) => "contains half a surrogate pair, which UTF-8 cannot encode",
        _ => null,
    };

    private static void Defined<T>(T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new VectorInputException($"{typeof(T).Name} {value} does not exist; use one of {string.Join(", ", Enum.GetNames<T>())}.");
    }
}
