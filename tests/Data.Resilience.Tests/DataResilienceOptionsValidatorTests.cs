using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Resilience.Tests;

public sealed class DataResilienceOptionsValidatorTests
{
    [Fact]
    public void Validate_Defaults_AreLegal() => Validate(_ => { }).ShouldBeEmpty();

    [Fact]
    public void Validate_SeveralMistakes_NamesEachWithItsRange()
    {
        var failures = Validate(options =>
        {
            options.ConnectionString = "";
            options.Name = "";
            options.Retry.MaxRetryAttempts = -1;
            options.Retry.TotalTimeout = TimeSpan.FromMilliseconds(1);
            options.Retry.MaxConflictRetryAttempts = 101;
            options.CircuitBreaker.FailureRatio = 2;
            options.CircuitBreaker.QueueLimit = 0;
            options.CircuitBreaker.BreakDuration = TimeSpan.FromMilliseconds(9);
        });

        failures.Length.ShouldBe(8);
        failures.ShouldContain(failure => failure.StartsWith("ConnectionString is required", StringComparison.Ordinal));
        failures.ShouldContain("Retry:MaxRetryAttempts is -1; it must be from 0 to 100.");
        failures.ShouldContain(failure => failure.StartsWith("CircuitBreaker:FailureRatio is 2;", StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_BrokenConnectionString_DoesNotQuoteIt() =>
        Validate(options => options.ConnectionString = "Host=db;Password=hunter2;Nonsense=1").ShouldHaveSingleItem()
            .ShouldNotContain("hunter2");

    [Fact]
    public void AddDataResilience_BadOptions_FailWhenTheFactoryIsAskedFor()
    {
        using var services = new ServiceCollection().AddDataResilience<Bank>(options => options.ConnectionString = "").Services
            .BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => services.GetRequiredService<IDbSessionFactory<Bank>>());
    }

    private static string[] Validate(Action<DataResilienceOptions> change)
    {
        var options = new DataResilienceOptions { ConnectionString = "Host=db" };
        change(options);
        return [.. new DataResilienceOptionsValidator().Validate("name", options).Failures ?? []];
    }
}
