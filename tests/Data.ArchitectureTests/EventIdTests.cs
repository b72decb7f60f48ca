using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Data.ArchitectureTests;

public sealed class EventIdTests
{
    // Each package has a thousand of its own.
    private static readonly Dictionary<string, int> Thousands = new(StringComparer.Ordinal)
    {
        ["Data.Resilience"] = 1,
        ["Data.Cache"] = 2,
        ["Data.Vector"] = 3,
        ["Data.Health"] = 4,
    };

    [Fact]
    public void EventIds_OfAllPackages_AreUsedOnce() =>
        Packages.Names.SelectMany(Messages)
            .GroupBy(message => message.EventId)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(message => message.Type.Name))}")
            .ShouldBeEmpty();

    [Fact]
    public void EventIds_OfOneClass_StandInABlock()
    {
        var classes = Packages.Names.SelectMany(Messages).ToArray();
        var blocks = classes.GroupBy(message => message.Type)
            .Select(block => (Type: block.Key, First: block.Min(message => message.EventId), Last: block.Max(message => message.EventId)));

        blocks.SelectMany(block => classes
                .Where(message => message.Type != block.Type && message.EventId >= block.First && message.EventId <= block.Last)
                .Select(message => $"{message.EventId} of {message.Type.Name} lies in the block of {block.Type.Name}"))
            .ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Packages.All), MemberType = typeof(Packages))]
    public void EventIds_OfAPackage_AreInItsThousand(string package)
    {
        var messages = Messages(package).ToArray();

        messages.ShouldNotBeEmpty();
        messages.Where(message => message.EventId / 1000 != Thousands[package]).Select(message => message.EventId).ShouldBeEmpty();
    }

    private static IEnumerable<(Type Type, int EventId)> Messages(string package) =>
        from type in Packages.Load(package).GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public
            | BindingFlags.DeclaredOnly)
        let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
        where attribute is not null
        select (type, attribute.EventId);
}
