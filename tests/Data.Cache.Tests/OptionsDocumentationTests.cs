using System.Xml.Linq;
using Microsoft.Extensions.Options;

namespace Data.Cache.Tests;

public sealed class OptionsDocumentationTests
{
    [Theory]
    [InlineData(typeof(DataCacheOptions))]
    [InlineData(typeof(DataCacheEntryOptions))]
    [InlineData(typeof(LlmResponseCacheOptions))]
    [InlineData(typeof(PatternRemovalOptions))]
    [InlineData(typeof(WarmUpOptions))]
    public void Options_EveryProperty_StatesItsDefault(Type options)
    {
        var members = XDocument.Load(Path.ChangeExtension(options.Assembly.Location, ".xml")).Descendants("member");
        foreach (var property in options.GetProperties().Where(property => property.DeclaringType == options && property.CanWrite))
        {
            var text = members.Single(member => (string?)member.Attribute("name") == $"P:{options.FullName}.{property.Name}").Value;
            text.ShouldContain("Default: ", Case.Sensitive, $"{options.Name}.{property.Name}");
            if (options == typeof(DataCacheOptions) && property.PropertyType != typeof(OutageMode))
                text.ShouldContain("Range: ", Case.Sensitive, $"{options.Name}.{property.Name}");
        }
    }

    [Fact]
    public void Create_OptionOutOfRange_NamesItAndWhatWouldBeRight()
    {
        var failure = Should.Throw<OptionsValidationException>(
            () => DataCacheFactory.Create(new DataCacheOptions { ExpirationJitter = 2, KeyPrefix = "a b" }));
        failure.Message.ShouldContain("ExpirationJitter must be 0 to 0.5, not 2");
        failure.Message.ShouldContain("KeyPrefix");
    }

    [Fact]
    public async Task ForAmbientTenant_InAndOutOfScope_ReachesThatTenantOnly()
    {
        var root = DataCacheFactory.Create(new DataCacheOptions());
        var ambient = root.ForAmbientTenant();
        using (CacheTenant.Enter("a"))
        {
            await ambient.SetAsync("k", 1, cancellationToken: TestContext.Current.CancellationToken);
            using (CacheTenant.Enter("b"))
                (await ambient.TryGetAsync<int>("k", TestContext.Current.CancellationToken)).Found.ShouldBeFalse();
            (await ambient.TryGetAsync<int>("k", TestContext.Current.CancellationToken)).Value.ShouldBe(1);
        }

        (await root.ForTenant("a").TryGetAsync<int>("k", TestContext.Current.CancellationToken)).Value.ShouldBe(1);
        Should.Throw<InvalidOperationException>(() => { _ = ambient.TryGetAsync<int>("k").AsTask(); });
    }
}
