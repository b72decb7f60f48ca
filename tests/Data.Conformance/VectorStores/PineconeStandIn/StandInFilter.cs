using System.Text.Json;
using System.Text.Json.Nodes;

namespace Data.Conformance.VectorStores.PineconeStandIn;

/// <summary>The filter language that Pinecone documents, and nothing beyond it.</summary>
internal sealed class StandInFilter(bool missingIsNotEqual)
{
    public bool Accepts(JsonObject filter, JsonObject metadata) => filter.All(pair => pair.Key switch
    {
        "$and" => Clauses(pair.Value).All(clause => Accepts(clause, metadata)),
        "$or" => Clauses(pair.Value).Any(clause => Accepts(clause, metadata)),
        ['$', ..] => throw new StandInRefusal($"{pair.Key} is not a valid operator."),
        _ => pair.Value is JsonObject conditions
            ? conditions.All(condition => Holds(condition.Key, metadata[pair.Key], condition.Value!))
            : Equal(metadata[pair.Key], pair.Value!),
    });

    private static JsonObject[] Clauses(JsonNode? list)
    {
        JsonObject[] clauses = [.. list!.AsArray().Select(clause => clause!.AsObject())];
        return clauses.Length > 0 ? clauses : throw new StandInRefusal("$and and $or need at least one condition.");
    }

    private bool Holds(string name, JsonNode? actual, JsonNode operand) => name switch
    {
        "$eq" => Equal(actual, Scalar(operand)),
        "$ne" => actual is null ? missingIsNotEqual : !Equal(actual, Scalar(operand)),
        "$gt" => Number(actual) > Needed(operand),
        "$gte" => Number(actual) >= Needed(operand),
        "$lt" => Number(actual) < Needed(operand),
        "$lte" => Number(actual) <= Needed(operand),
        "$in" => Several(operand).Any(value => Equal(actual, value)),
        "$nin" => actual is null ? missingIsNotEqual : !Several(operand).Any(value => Equal(actual, value)),
        "$exists" => actual is not null == (bool)operand,
        _ => throw new StandInRefusal($"{name} is not a valid operator."),
    };

    /// <summary>A list equals a value that it holds.</summary>
    private static bool Equal(JsonNode? actual, JsonNode operand) => actual switch
    {
        null => false,
        JsonArray list => list.Any(item => Equal(item, operand)),
        _ when actual.GetValueKind() != operand.GetValueKind() => false,
        _ => actual.GetValueKind() == JsonValueKind.Number ?
            Number(actual) == Number(operand) :
            actual.ToJsonString() == operand.ToJsonString(),
    };

    private static JsonNode Scalar(JsonNode operand) =>
        operand is JsonValue ? operand : throw new StandInRefusal("The operand must be a number, string or boolean.");

    private static JsonNode[] Several(JsonNode operand)
    {
        JsonNode[] values = [.. operand.AsArray().Select(value => value!)];
        return values.Length > 0 && Array.TrueForAll(values, value => value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number)
            ? values
            : throw new StandInRefusal("$in and $nin need a list of strings or numbers.");
    }

    private static double? Number(JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number ?
        double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture) :
        null;

    private static double Needed(JsonNode operand) =>
        Number(operand) ?? throw new StandInRefusal("The operand of an order must be a number.");
}
