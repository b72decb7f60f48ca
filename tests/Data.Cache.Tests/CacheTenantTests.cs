using Data.Cache.Llm;

namespace Data.Cache.Tests;

public sealed class CacheTenantTests
{
    private readonly DataCache _cache = DataCacheFactory.Create(new DataCacheOptions());

    // Not as data of attributes, which metadata stores as UTF-8 without the lone surrogates.
    [Fact]
    public void ForTenant_NameThatIsNotValid_IsRefusedEverywhere()
    {
        foreach (var name in new[] { "", "\uD800", "a\uDFFFb", "line\nbreak", "nul\0" })
        {
            Should.Throw<ArgumentException>(() => _cache.ForTenant(name));
            Should.Throw<ArgumentException>(() => _cache.ForNamespace(name));
            Should.Throw<ArgumentException>(() => CacheTenant.Enter(name));
            Should.Throw<ArgumentException>(() => NullCache.Instance.ForTenant(name));
        }
    }

    [Fact]
    public void ForTenant_Length_IsAtMost255()
    {
        _cache.ForTenant(new string('a', 255));
        Should.Throw<ArgumentException>(() => _cache.ForTenant(new string('a', 256)));
        Should.Throw<ArgumentException>(() => CacheTenant.Enter(new string('a', 256)));
    }

    [Fact]
    public async Task GetOrCreateAsync_PromptsThatDifferInALoneSurrogate_AreTwoRequests()
    {
        var responses = new LlmResponseCache(_cache, new LlmResponseCacheOptions());
        var calls = 0;
        foreach (var prompt in new[] { "\uD800", "\uD801", "\uFFFD", "\uD800" })
        {
            await responses.GetOrCreateAsync(
                new LlmRequest { TenantId = "t", Model = "m", Messages = [new("user", prompt)] },
                _ => ValueTask.FromResult(++calls),
                cancellationToken: TestContext.Current.CancellationToken);
        }

        calls.ShouldBe(3);
    }
}
