using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Data.Resilience.Idempotency;

/// <summary>Settings of JSON that refuse to write what reading would not give back.</summary>
internal static class FaithfulJson
{
    /// <summary>Copies settings, and adds the refusals to what they say about types.</summary>
    public static JsonSerializerOptions Of(JsonSerializerOptions? options)
    {
        options ??= JsonSerializerOptions.Default;
        var faithful = new JsonSerializerOptions(options)
        {
            IncludeFields = true,
            TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(Guard),
        };
        faithful.Converters.Add(new UntypedConverter());
        return faithful;
    }

    private static void Guard(JsonTypeInfo contract)
    {
        if (contract.Kind != JsonTypeInfoKind.Object)
            return;

        var known = contract.OnSerializing;
        var isEmpty = contract.Properties.Count == 0 && HasFields(contract.Type);
        contract.OnSerializing = value =>
        {
            known?.Invoke(value);
            if (value.GetType() != contract.Type)
            {
                throw Refusal($"{value.GetType()} would come back as {contract.Type}. Name it there by JsonDerivedType, or return "
                    + "it as its own type.");
            }

            if (isEmpty)
                throw Refusal($"{contract.Type} has no member that JSON stores. Give it public properties or fields.");
        };
    }

    private static NotSupportedException Refusal(string reason) =>
        new("The result cannot be given to a call that repeats its idempotency key, so nothing was committed: " + reason);

    private static bool HasFields(Type type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (current.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length > 0)
                return true;
        }

        return false;
    }

    /// <summary>Refuses values whose type only the first call knows; a converter of the application comes before it.</summary>
    private sealed class UntypedConverter : JsonConverter<object>
    {
        public override object Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonElement.ParseValue(ref reader);

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
        {
            if (value is not JsonElement element)
            {
                throw Refusal($"{value.GetType()} is declared as System.Object and would come back as {typeof(JsonElement)}. Declare its "
                    + "type.");
            }

            element.WriteTo(writer);
        }
    }
}
