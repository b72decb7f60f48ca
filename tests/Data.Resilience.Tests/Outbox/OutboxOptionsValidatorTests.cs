using Data.Resilience.Inbox;
using Data.Resilience.Outbox;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Resilience.Tests.Outbox;

public sealed class OutboxOptionsValidatorTests
{
    [Fact]
    public void Validate_Defaults_AreLegal()
    {
        new OutboxOptionsValidator().Validate(null, new OutboxOptions()).Succeeded.ShouldBeTrue();
        new InboxOptionsValidator().Validate(null, new InboxOptions()).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public void Validate_EverythingOutOfRange_NamesEverySetting()
    {
        var outbox = new OutboxOptions
        {
            Schema = "",
            Name = "a-b",
            MaxPayloadBytes = 0,
            WakeUp = (OutboxWakeUp)9,
            ConnectionString = "",
            ListenConnectionString = "",
            PollInterval = TimeSpan.Zero,
            BatchSize = 0,
            MaxConcurrentLanes = 257,
            MaxConcurrentPublishes = 0,
            PublishTimeout = TimeSpan.FromHours(1),
            MaxAttempts = 0,
            BaseDelay = TimeSpan.FromSeconds(2),
            MaxDelay = TimeSpan.FromSeconds(1),
            MaxLag = TimeSpan.Zero,
        };
        var inbox = new InboxOptions
        {
            Schema = "",
            Table = "",
            Retention = TimeSpan.Zero,
            CleanUpInterval = TimeSpan.Zero,
            CleanUpBatchSize = 0,
        };

        new OutboxOptionsValidator().Validate(null, outbox).Failures!.Count().ShouldBe(14);
        new InboxOptionsValidator().Validate(null, inbox).Failures!.Count().ShouldBe(5);
    }

    [Theory]
    [InlineData(null, 8)]
    [InlineData("", 8)]
    [InlineData("out\"box", 8)]
    [InlineData("12345678901234567890123456789012345678901", 8)]
    [InlineData("outbox", 0)]
    [InlineData("outbox", 257)]
    public void CreateOutbox_IllegalNameOrLanes_IsRefused(string? name, int lanes) =>
        Should.Throw<ArgumentException>(() => new MigrationBuilder(null).CreateOutbox(null, name!, lanes));
}
