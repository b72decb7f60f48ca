using System.Reflection;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Tests.ExecutionStrategies;

/// <summary>
/// The driver meets a part of a link that another path of its own has disposed of when the link broke: an ObjectDisposedException, which
/// shows after EF has closed the connection.
/// </summary>
public sealed class TornDownLinkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Strategy_LinkTornDownUnderTheDriver_RunsAgain(bool wraps)
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        var runs = 0;
        var count = await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            if (++runs > 1)
                return await context.Accounts.CountAsync(Token);

            await context.Database.OpenConnectionAsync(Token);
            var connection = (NpgsqlConnection)context.Database.GetDbConnection();
            try
            {
                TearDown(connection);
                await using var transaction = await context.Database.BeginTransactionAsync(Token);
                return await context.Accounts.CountAsync(Token);
            }
            catch (ObjectDisposedException exception) when (wraps)
            {
                throw new DbUpdateException("by EF", exception);
            }
            finally
            {
                NpgsqlConnection.ClearPool(connection);
                await context.Database.CloseConnectionAsync();
            }
        });

        count.ShouldBe(10);
        runs.ShouldBe(2);
    }

    [Fact]
    public async Task ReadAsync_LinkTornDownUnderTheDriver_RunsAgain()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var runs = 0;
        var count = await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                if (++runs == 1)
                {
                    TearDown(session.Connection);
                    // Travels with the query.
                    await session.Transaction!.SaveAsync("a", token);
                }

                return await session.Context.Accounts.CountAsync(token);
            },
            new() { IsolationLevel = System.Data.IsolationLevel.ReadCommitted },
            Token);

        count.ShouldBe(10);
        runs.ShouldBe(2);
    }

    [Theory]
    [InlineData("own")]
    [InlineData("socket")]
    [InlineData("stream")]
    public async Task Strategy_DisposedObjectOfTheOperation_IsNotRetried(string of)
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        var runs = 0;
        await Should.ThrowAsync<ObjectDisposedException>(context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            runs++;
            await context.Accounts.CountAsync(Token);
            switch (of)
            {
                case "own":
                    throw new ObjectDisposedException(typeof(ManualResetEventSlim).FullName);
                case "socket":
                    using (var socket = new System.Net.Sockets.Socket(
                        System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp))
                    {
                        socket.Dispose();
                        socket.Send(new byte[1]);
                    }

                    break;
                default:
                    var stream = new MemoryStream([1]);
                    await stream.DisposeAsync();
                    await context.Database.OpenConnectionAsync(Token);
                    await using (var command = new NpgsqlCommand("SELECT $1", (NpgsqlConnection)context.Database.GetDbConnection()))
                    {
                        command.Parameters.Add(new() { Value = stream, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea });
                        await command.ExecuteScalarAsync(Token);
                    }

                    break;
            }
        }));

        runs.ShouldBe(1);
    }

    /// <summary>Disposes of what the driver waits on, as it does itself when a link breaks under a second path.</summary>
    private static void TearDown(NpgsqlConnection connection)
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
        var connector = typeof(NpgsqlConnection).GetProperty("Connector", Any)!.GetValue(connection)!;
        foreach (var property in connector.GetType().GetProperties(Any).Where(static p => p.PropertyType == typeof(ManualResetEventSlim)))
            ((ManualResetEventSlim)property.GetValue(connector)!).Dispose();
        foreach (var field in connector.GetType().GetFields(Any).Where(static f => f.FieldType == typeof(ManualResetEventSlim)))
            ((ManualResetEventSlim)field.GetValue(connector)!).Dispose();
    }
}
