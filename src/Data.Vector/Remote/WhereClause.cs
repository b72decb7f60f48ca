using System.Text.Json;

namespace Data.Vector.Remote;

/// <summary>A condition on metadata, or on texts, in MongoDB's form, which vector servers share.</summary>
internal abstract class WhereClause
{
    public abstract void WriteTo(Utf8JsonWriter writer);

    /// <summary><c>{key: {operator: value}}</c></summary>
    internal sealed class Compare(string key, string @operator, MetadataValue value) : WhereClause
    {
        public override void WriteTo(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteStartObject(key);
            writer.WritePropertyName(@operator);
            JsonScalars.Write(writer, value);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }

    /// <summary><c>{key: {operator: [values of one kind]}}</c></summary>
    internal sealed class Among(string key, string @operator, IReadOnlyList<MetadataValue> values) : WhereClause
    {
        public override void WriteTo(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteStartObject(key);
            writer.WriteStartArray(@operator);
            foreach (var value in values)
                JsonScalars.Write(writer, value);

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }

    /// <summary><c>{operator: text}</c></summary>
    internal sealed class Text(string @operator, string text) : WhereClause
    {
        public override void WriteTo(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteString(@operator, text);
            writer.WriteEndObject();
        }
    }

    /// <summary><c>{"$and" or "$or": [clauses]}</c></summary>
    internal sealed class Several(string @operator, IReadOnlyList<WhereClause> clauses) : WhereClause
    {
        public override void WriteTo(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteStartArray(@operator);
            foreach (var clause in clauses)
                clause.WriteTo(writer);

            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }
}
