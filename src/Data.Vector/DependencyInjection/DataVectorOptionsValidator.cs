using Data.Vector.Chroma;
using Data.Vector.Embedded;
using Data.Vector.PgVector;
using Data.Vector.Pinecone;
using Microsoft.Extensions.Options;

namespace Data.Vector.DependencyInjection;

/// <summary>Names every setting of the chosen provider that is out of its range, when the application starts.</summary>
internal sealed class DataVectorOptionsValidator : IValidateOptions<DataVectorOptions>
{
    public ValidateOptionsResult Validate(string? name, DataVectorOptions options)
    {
        var failures = options.Provider switch
        {
            VectorStoreProvider.Embedded => EmbeddedOptionsValidator.Failures(options.Embedded)
                .Select(static failure => "Embedded: " + failure),
            VectorStoreProvider.Chroma => ChromaOptionsValidator.Failures(options.Chroma).Select(static failure => "Chroma: " + failure),
            VectorStoreProvider.Pinecone => PineconeOptionsValidator.Failures(options.Pinecone)
                .Select(static failure => "Pinecone: " + failure),
            VectorStoreProvider.PgVector => PgVectorOptionsValidator.Failures(options.PgVector)
                .Select(static failure => "PgVector: " + failure),
            _ => ["Provider must be Embedded, Chroma, Pinecone or PgVector."],
        };
        var list = failures.ToList();
        return list.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(list);
    }
}
