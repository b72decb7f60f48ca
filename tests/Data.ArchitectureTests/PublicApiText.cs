using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Data.ArchitectureTests;

/// <summary>
/// Writes an assembly's public surface as sorted text, one line a type or member, so that a change of it shows in a review.
/// </summary>
internal static class PublicApiText
{
    private const BindingFlags Members =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(Declaration(type)).Append('\n');
            foreach (var line in MemberLines(type).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
                text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Declaration(Type type)
    {
        var kind = type.IsInterface ? "interface"
            : type.IsEnum ? "enum"
            : type.IsAssignableTo(typeof(Delegate)) ? "delegate"
            : type.IsValueType ? "struct"
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class" : "class";
        var bases = new List<Type>();
        if (type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum)
            && !type.IsAssignableTo(typeof(Delegate)))
        {
            bases.Add(b);
        }

        var inherited = type.GetInterfaces().SelectMany(i => i.GetInterfaces()).Concat(type.BaseType?.GetInterfaces() ?? []).ToHashSet();
        if (!type.IsEnum)
            bases.AddRange(type.GetInterfaces().Where(i => i.IsVisible && !inherited.Contains(i)).OrderBy(Name, StringComparer.Ordinal));
        return $"{kind} {Name(type)}{(bases.Count > 0 ? " : " + string.Join(", ", bases.Select(Name)) : "")}";
    }

    private static IEnumerable<string> MemberLines(Type type)
    {
        if (type.IsEnum)
        {
            foreach (var name in Enum.GetNames(type))
                yield return $"{name} = {Convert.ToInt64(Enum.Parse(type, name), null)}";
            yield break;
        }

        foreach (var constructor in type.GetConstructors(Members).Where(Visible))
            yield return $"{Access(constructor)}new({Parameters(constructor)})";
        foreach (var method in type.GetMethods(Members).Where(m => Visible(m) && !Generated(m) && (!m.IsSpecialName || IsOperator(m))))
        {
            yield return $"{Access(method)}{Modifier(method)}{Name(method.ReturnType)} "
                + $"{method.Name}{GenericArguments(method)}({Parameters(method)})";
        }

        foreach (var property in type.GetProperties(Members).Where(p => p.GetAccessors(true).Any(Visible) && !Generated(p)))
            yield return Property(property);
        foreach (var e in type.GetEvents(Members).Where(e => e.AddMethod is { } add && Visible(add)))
            yield return $"{Access(e.AddMethod!)}{Modifier(e.AddMethod!)}event {Name(e.EventHandlerType!)} {e.Name}";
        foreach (var field in type.GetFields(Members).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
        {
            yield return $"{(field.IsStatic ? "static " : "")}{(field.IsLiteral ? "const " : field.IsInitOnly ? "readonly " : "")}"
                + $"{Name(field.FieldType)} {field.Name}";
        }
    }

    private static string Property(PropertyInfo property)
    {
        var first = property.GetAccessors(true).First(Visible);
        var set = property.SetMethod is { } s && Visible(s)
            ? s.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : "";
        var get = property.GetMethod is { } g && Visible(g) ? " get;" : "";
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var index = property.GetIndexParameters();
        var name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(p => Name(p.ParameterType)))}]";
        return $"{Access(first)}{Modifier(first)}{required}{Name(property.PropertyType)} {name} {{{get}{set} }}";
    }

    private static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool Generated(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute)) && member is not PropertyInfo
            || member.Name.Contains('<', StringComparison.Ordinal)
            || member.Name == "EqualityContract";

    private static bool IsOperator(MethodInfo method) => method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifier(MethodInfo method) =>
        method.IsStatic ? "static "
        : method.DeclaringType!.IsInterface ? method.IsAbstract ? "" : "default "
        : method.IsAbstract ? "abstract "
        : method.IsVirtual && method.GetBaseDefinition() != method ? "override "
        : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "";

    private static string GenericArguments(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo p)
    {
        var prefix = p.IsOut ?
            "out " :
            p.ParameterType.IsByRef ? p.IsIn ? "in " : "ref " : p.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        var value = !p.HasDefaultValue ?
            "" :
            " = " + (p.DefaultValue switch { null => "default", string s => $"\"{s}\"", bool b => b ? "true" : "false", var v => v });
        return $"{prefix}{Name(p.ParameterType)} {p.Name}{value}";
    }

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (type.IsPointer)
            return Name(type.GetElementType()!) + "*";
        if (type.IsGenericParameter)
            return type.Name;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying) + "?";
        var name = type.IsNested ? $"{Name(type.DeclaringType!).Split('<')[0]}.{type.Name}" : $"{Prefix(type)}{type.Name}";
        if (!type.IsGenericType)
            return name;
        return $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }

    private static string Prefix(Type type) => type.Namespace switch
    {
        null => "",
        var n when n == "System" || n.StartsWith("System.", StringComparison.Ordinal) => "",
        var n => n + ".",
    };
}
