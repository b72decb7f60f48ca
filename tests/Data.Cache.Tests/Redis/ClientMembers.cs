using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Data.Cache.Tests.Redis;

/// <summary>Reads which members of an assembly another one refers to, and which ones an assembly has, from their metadata alone.</summary>
internal static class ClientMembers
{
    /// <summary>Members that a file refers to in the named assembly, as "Type::Member(signature)"; types alone as "Type".</summary>
    public static IReadOnlySet<string> ReferredTo(string file, string assembly)
    {
        using var portable = new PEReader(File.OpenRead(file));
        var reader = portable.GetMetadataReader();
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var signatures = new SignatureText();
        foreach (var handle in reader.TypeReferences)
        {
            if (IsFrom(reader, handle, assembly))
                names.Add(signatures.GetTypeFromReference(reader, handle, 0));
        }

        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference || !IsFrom(reader, (TypeReferenceHandle)member.Parent, assembly))
                continue;
            var owner = signatures.GetTypeFromReference(reader, (TypeReferenceHandle)member.Parent, 0);
            names.Add(Describe(owner, reader.GetString(member.Name), member.GetKind() == MemberReferenceKind.Method
                ? SignatureText.Method(member.DecodeMethodSignature(signatures, null))
                : member.DecodeFieldSignature(signatures, null)));
        }

        return names;
    }

    /// <summary>
    /// All public types and members of a file in the same form, those inherited from base types and interfaces of the file included.
    /// </summary>
    public static IReadOnlySet<string> Offered(string file)
    {
        using var portable = new PEReader(File.OpenRead(file));
        var reader = portable.GetMetadataReader();
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var signatures = new SignatureText();
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = signatures.GetTypeFromDefinition(reader, handle, 0);
            names.Add(type);
            foreach (var source in Family(reader, handle, []))
                AddMembers(reader, source, type, names, signatures);
        }

        foreach (var handle in reader.ExportedTypes)
        {
            var forwarded = reader.GetExportedType(handle);
            names.Add(reader.GetString(forwarded.Namespace) + "." + reader.GetString(forwarded.Name));
        }

        return names;
    }

    private static void AddMembers(
        MetadataReader reader,
        TypeDefinitionHandle source,
        string owner,
        SortedSet<string> names,
        SignatureText signatures)
    {
        var definition = reader.GetTypeDefinition(source);
        foreach (var handle in definition.GetMethods())
        {
            var method = reader.GetMethodDefinition(handle);
            if ((method.Attributes & System.Reflection.MethodAttributes.MemberAccessMask) == System.Reflection.MethodAttributes.Public)
                names.Add(Describe(owner, reader.GetString(method.Name), SignatureText.Method(method.DecodeSignature(signatures, null))));
        }

        foreach (var handle in definition.GetFields())
        {
            var field = reader.GetFieldDefinition(handle);
            names.Add(Describe(owner, reader.GetString(field.Name), field.DecodeSignature(signatures, null)));
        }
    }

    // A reference to an inherited member names the type it was found on at compile time, and the runtime looks through its bases.
    private static HashSet<TypeDefinitionHandle> Family(
        MetadataReader reader,
        TypeDefinitionHandle handle,
        HashSet<TypeDefinitionHandle> seen)
    {
        if (!seen.Add(handle))
            return seen;
        var definition = reader.GetTypeDefinition(handle);
        if (definition.BaseType is { IsNil: false, Kind: HandleKind.TypeDefinition })
            Family(reader, (TypeDefinitionHandle)definition.BaseType, seen);
        if (!definition.Attributes.HasFlag(System.Reflection.TypeAttributes.Interface))
            return seen;
        foreach (var implementation in definition.GetInterfaceImplementations())
        {
            if (reader.GetInterfaceImplementation(implementation).Interface is { Kind: HandleKind.TypeDefinition } parent)
                Family(reader, (TypeDefinitionHandle)parent, seen);
        }

        return seen;
    }

    private static string Describe(string owner, string member, string signature) => $"{owner}::{member}{signature}";

    private static bool IsFrom(MetadataReader reader, TypeReferenceHandle handle, string assembly)
    {
        var scope = reader.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => IsFrom(reader, (TypeReferenceHandle)scope, assembly),
            HandleKind.AssemblyReference => reader.StringComparer
                .Equals(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name, assembly),
            _ => false,
        };
    }
}

/// <summary>Writes signatures as text that two assemblies share.</summary>
internal sealed class SignatureText : ISignatureTypeProvider<string, object?>
{
    public static string Method(MethodSignature<string> signature) =>
        $"`{signature.GenericParameterCount}({string.Join(',', signature.ParameterTypes)}):{signature.ReturnType}";

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeReference(handle);
        var name = reader.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0) + "+" + name
            : reader.GetString(type.Namespace) + "." + name;
    }

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = reader.GetString(type.Name);
        var owner = type.GetDeclaringType();
        return owner.IsNil ? reader.GetString(type.Namespace) + "." + name : GetTypeFromDefinition(reader, owner, 0) + "+" + name;
    }

    public string GetTypeFromSpecification(
        MetadataReader reader,
        object? genericContext,
        TypeSpecificationHandle handle,
        byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[" + shape.Rank + "]";

    public string GetByReferenceType(string elementType) => elementType + "&";

    public string GetPointerType(string elementType) => elementType + "*";

    public string GetPinnedType(string elementType) => elementType;

    public string GetFunctionPointerType(MethodSignature<string> signature) => "fn" + Method(signature);

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
        $"{genericType}<{string.Join(',', typeArguments)}>";

    public string GetGenericMethodParameter(object? genericContext, int index) => "!!" + index;

    public string GetGenericTypeParameter(object? genericContext, int index) => "!" + index;

    // Modifiers (in, init, nullable annotations) differ between builds of one member and are part of its identity only where they are
    // required.
    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) =>
        isRequired ? $"{unmodifiedType} modreq({modifier})" : unmodifiedType;
}
