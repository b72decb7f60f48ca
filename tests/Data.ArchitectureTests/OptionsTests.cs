using System.Reflection;
using System.Xml.Linq;
using Microsoft.Extensions.Options;

namespace Data.ArchitectureTests;

public sealed class OptionsTests
{
    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Options_EveryProperty_StatesItsDefault(string package)
    {
        var documentation = XDocument.Load(Path.ChangeExtension(Packages.Load(package).Location, ".xml"))
            .Descendants("member").ToDictionary(
                m => m.Attribute("name")!.Value,
                m => string.Join(' ', m.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
                StringComparer.Ordinal);
        OptionsOf(package).SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(property => property.SetMethod is { IsPublic: true })
            .Where(property => !documentation.TryGetValue(
                $"P:{property.DeclaringType!.FullName!.Replace('+', '.')}.{property.Name}",
                out var text)
                || !text.Contains("Default: ", StringComparison.Ordinal))
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}")
            .ShouldBeEmpty("each option's documentation states its default and legal range: \"Default: 8. Range: 0–100.\"");
    }

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void Package_HasAValidator_ForItsRootOptions(string package) =>
        Packages.Load(package).GetTypes()
            .SelectMany(type => type.GetInterfaces())
            .Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IValidateOptions<>))
            .ShouldBeTrue($"{package} validates no options");

    private static IEnumerable<Type> OptionsOf(string package) => Packages.Load(package).GetExportedTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && type.Name.EndsWith("Options", StringComparison.Ordinal));
}
