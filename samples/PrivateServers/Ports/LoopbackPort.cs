using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PrivateServers.Ports;

/// <summary>
/// A TCP port of 127.0.0.1 that stays ours while this object lives, also while the server behind it is down for a restart.
/// Ports are drawn from below the kernel's ephemeral range, so no outgoing connection takes one; and each is reserved among
/// our own processes by an abstract socket of that name, which the kernel frees when the process ends, however it ends.
/// </summary>
internal sealed class LoopbackPort : IDisposable
{
    private const int First = 10_240;
    private const int End = 32_768;
    private readonly Socket _reservation;

    private LoopbackPort(int number, Socket reservation)
    {
        Number = number;
        _reservation = reservation;
    }

    internal int Number { get; }

    /// <summary>Reserves a free port.</summary>
    internal static LoopbackPort Any()
    {
        for (var attempt = 0; attempt < 10_000; attempt++)
        {
            if (TryReserve(Random.Shared.Next(First, End)) is not { } port)
                continue;
            if (IsFree(port.Number))
                return port;
            port.Dispose();
        }

        throw new ServerStartException($"No free port found on 127.0.0.1 between {First} and {End - 1}.");
    }

    /// <summary>Reserves a given port; null when another of our processes holds it.</summary>
    internal static LoopbackPort? TryReserve(int number)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint("\0private-servers-port-" + number.ToString(CultureInfo.InvariantCulture)));
            return new LoopbackPort(number, socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Whether a server could listen on the port now.</summary>
    internal static bool IsFree(int number)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // .NET sets SO_REUSEADDR as the servers do: connections in TIME_WAIT do not matter, a listener does.
            socket.Bind(new IPEndPoint(IPAddress.Loopback, number));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _reservation.Dispose();
}
