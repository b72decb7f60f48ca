using System.Globalization;
using System.Text;
using Data.Resilience.Inbox;
using Data.Resilience.Outbox;
using Data.Resilience.Sessions;
using Npgsql;

namespace Data.FaultTests.Resilience.Outbox;

/// <summary>A broker that loses messages, loses its own answers and delivers twice, before a consumer with an inbox.</summary>
internal sealed class UnreliableBroker(IDbSessionFactory<EffectsContext> sessions) : IOutboxPublisher
{
    private readonly Random _random = new();

    public async Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var mood = Next();
        if (mood < 5)
            throw new TimeoutException("lost on the way to the broker");

        await ConsumeAsync(message, cancellationToken);
        if (mood < 15)
            await ConsumeAsync(message, cancellationToken);
        if (mood is >= 10 and < 20)
            throw new TimeoutException("the broker's answer was lost");
    }

    private Task ConsumeAsync(OutboxMessage message, CancellationToken cancellationToken) => sessions.WriteAsync(
        async (session, token) =>
        {
            if (!await session.Inbox.TryAcceptAsync("effects", message.Id.ToString(), token))
                return;

            await using var command = new NpgsqlCommand("INSERT INTO effects (key, n) VALUES ($1, $2)", session.Connection);
            command.Parameters.Add(new() { Value = int.Parse(message.Key!, CultureInfo.InvariantCulture) });
            var text = Encoding.UTF8.GetString(message.Payload.Span);
            command.Parameters.Add(new() { Value = long.Parse(text, CultureInfo.InvariantCulture) });
            await command.ExecuteNonQueryAsync(token);
        },
        cancellationToken: cancellationToken).AsTask();

    private int Next()
    {
        lock (_random)
            return _random.Next(100);
    }
}
