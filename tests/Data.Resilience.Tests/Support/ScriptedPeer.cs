using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Data.Resilience.Tests.Support;

/// <summary>A PostgreSQL that is none: speaks as much of the protocol as a session needs and fails once, where and as it is told.</summary>
/// <remarks>Protocol 3.0 as in the PostgreSQL documentation, chapter "Frontend/Backend Protocol".</remarks>
internal sealed class ScriptedPeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _conversations = [];
    private readonly Task _accepting;
    private int _failures = 1;
    private long _transactions = -1;
    private int _connections;
    private int _verifications;
    private int _terminations;

    public ScriptedPeer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Gets where to fail: "open", or the text of the statement that is answered by the error.</summary>
    public required string FailAt { get; init; }

    public required string SqlState { get; init; }

    /// <summary>Gets whether the error ends the connection, as an administrator's command does.</summary>
    public bool IsFatal { get; init; }

    /// <summary>Gets what <c>pg_xact_status</c> says.</summary>
    public string? Status { get; init; } = "aborted";

    /// <summary>Gets which cluster says so; that of the mark is 7000.</summary>
    public string SystemIdentifier { get; init; } = "7000";

    /// <summary>Gets on which timeline; that of the mark is 1.</summary>
    public int Timeline { get; init; } = 1;

    /// <summary>Gets the id of the first transaction.</summary>
    public ulong FirstTransactionId { get; init; } = 4711;

    /// <summary>Gets where the latest checkpoint lies, that of a restart; the mark's position is 100.</summary>
    public ulong CheckpointLsn { get; init; } = 1;

    /// <summary>Gets the first id not given out at that checkpoint, as "epoch:id".</summary>
    public string NextId { get; init; } = "0:5000";

    /// <summary>Gets how often the backend of the lost session was to be ended.</summary>
    public int Terminations => Volatile.Read(ref _terminations);

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Gets how often somebody asked what became of a transaction.</summary>
    public int Verifications => Volatile.Read(ref _verifications);

    public string ConnectionString =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={((IPEndPoint)_listener.LocalEndpoint).Port};")
        + "Username=u;Database=d;"
        + "SSL Mode=Disable;GSS Encryption Mode=Disable;Server Compatibility Mode=NoTypeLoading;Timeout=10";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_conversations);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _conversations.Add(ServeAsync(client));
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // Stopped; between two connections the listener says so by an InvalidOperationException.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await new Conversation(this, client.GetStream()).RunAsync(_stop.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
        {
            // The client left or the peer was stopped.
        }
    }

    private bool Fails(string at) => string.Equals(at, FailAt, StringComparison.Ordinal) && Interlocked.Decrement(ref _failures) >= 0;

    /// <summary>One connection.</summary>
    private sealed class Conversation(ScriptedPeer peer, NetworkStream stream)
    {
        private readonly MemoryStream _out = new();
        private readonly Dictionary<string, string> _statements = new(StringComparer.Ordinal);
        private string _portal = "";
        private bool _skipsToSync;
        private bool _isEnded;
        private ulong _transaction;
        private byte _state = (byte)'I';

        public async Task RunAsync(CancellationToken cancel)
        {
            await ReadBodyAsync(cancel);
            if (peer.Fails("open"))
                SendError(peer.SqlState, isFatal: true);
            else
                SendGreeting();

            while (true)
            {
                await stream.WriteAsync(_out.ToArray(), cancel);
                _out.SetLength(0);
                if (_isEnded)
                    return;

                var type = new byte[1];
                await stream.ReadExactlyAsync(type, cancel);
                Answer((char)type[0], await ReadBodyAsync(cancel));
            }
        }

        private async Task<byte[]> ReadBodyAsync(CancellationToken cancel)
        {
            var length = new byte[4];
            await stream.ReadExactlyAsync(length, cancel);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - 4];
            await stream.ReadExactlyAsync(body, cancel);
            return body;
        }

        private void Answer(char type, byte[] body)
        {
            if (_skipsToSync && type != 'S')
                return;

            switch (type)
            {
                case 'Q':
                    Execute(Text(body, 0, out var _));
                    SendReady();
                    break;
                case 'P':
                    var name = Text(body, 0, out var next);
                    _statements[name] = Text(body, next, out next);
                    Send('1');
                    break;
                case 'B':
                    Text(body, 0, out next);
                    _portal = _statements[Text(body, next, out next)];
                    Send('2');
                    break;
                case 'D':
                    if (RowOf(_portal) is { } columns)
                        SendDescription(columns);
                    else
                        Send('n');
                    break;
                case 'E':
                    Execute(_portal);
                    break;
                case 'S':
                    _skipsToSync = false;
                    SendReady();
                    break;
                case 'X':
                    _isEnded = true;
                    break;
            }
        }

        private void Execute(string sql)
        {
            if (peer.Fails(sql))
            {
                SendError(peer.SqlState, peer.IsFatal);
                _skipsToSync = true;
                return;
            }

            if (_state == 'E' && sql is not ("COMMIT" or "ROLLBACK"))
            {
                SendError("25P02", isFatal: false);
                _skipsToSync = true;
                return;
            }

            if (sql.StartsWith("BEGIN", StringComparison.Ordinal))
            {
                _state = (byte)'T';
                _transaction = peer.FirstTransactionId + (ulong)Interlocked.Increment(ref peer._transactions);
            }
            else if (sql is "COMMIT" or "ROLLBACK")
            {
                _state = (byte)'I';
            }

            if (sql.Contains("pg_xact_status", StringComparison.Ordinal))
                Interlocked.Increment(ref peer._verifications);
            if (sql.Contains("pg_terminate_backend", StringComparison.Ordinal))
                Interlocked.Increment(ref peer._terminations);
            if (RowOf(sql) is { } row)
                SendRow(row);
            Send('C', Encoding.UTF8.GetBytes(sql.Split(' ')[0] + (RowOf(sql) is null ? "" : " 1") + "\0"));
        }

        /// <summary>The row that answers a statement in binary format, or null when it returns none.</summary>
        private List<(int Oid, byte[]? Value)>? RowOf(string sql)
        {
            if (sql == "SELECT 1")
                return [(23, [0, 0, 0, 1])];
            if (!sql.StartsWith("SELECT", StringComparison.Ordinal))
                return null;
            if (sql == "SELECT pg_current_xact_id()")
                return [(5069, Long(_transaction))];
            if (sql.Contains("pg_xact_status", StringComparison.Ordinal))
            {
                return
                [
                    (25, peer.Status is null ? null : Encoding.UTF8.GetBytes(peer.Status)),
                    (25, Encoding.UTF8.GetBytes(peer.SystemIdentifier)),
                    SegmentOn(peer.Timeline),
                    Lsn(peer.CheckpointLsn),
                    Lsn(peer.CheckpointLsn),
                    (25, Encoding.UTF8.GetBytes(peer.NextId)),
                    Time(-1),
                ];
            }

            // The mark of a write transaction.
            List<(int, byte[]?)> mark = [(5069, Long(_transaction)), SegmentOn(1), Lsn(100), Time(0)];
            if (sql.Contains("system_identifier", StringComparison.Ordinal))
                mark.Add(System);
            return mark;
        }

        private static (int, byte[]?) System => (25, "7000"u8.ToArray());

        private static (int, byte[]?) SegmentOn(int timeline) => (25, Encoding.UTF8.GetBytes($"{timeline:X8}0000000000000001"));

        private static (int, byte[]?) Lsn(ulong value) => (3220, Long(value));

        private static (int, byte[]?) Time(long hours) =>
            (1184, Long((ulong)((TimeSpan.FromDays(9000).Ticks + TimeSpan.FromHours(hours).Ticks) / 10)));

        private static byte[] Long(ulong value)
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
            return bytes;
        }

        private static string Text(byte[] body, int start, out int next)
        {
            var end = Array.IndexOf(body, (byte)0, start);
            next = end + 1;
            return Encoding.UTF8.GetString(body, start, end - start);
        }

        private void SendGreeting()
        {
            Send('R', 0, 0, 0, 0);
            foreach (var parameter in (string[])["server_version\0"
                + "15.0", "client_encoding\0UTF8", "standard_conforming_strings\0on", "integer_datetimes\0on", "TimeZone\0UTC"])
            {
                Send('S', Encoding.UTF8.GetBytes(parameter + "\0"));
            }

            Send('K', 0, 0, 0, 1, 0, 0, 0, 2);
            SendReady();
        }

        private void SendReady() => Send('Z', _state);

        private void SendError(string sqlState, bool isFatal)
        {
            var severity = isFatal ? "FATAL" : "ERROR";
            Send('E', Encoding.UTF8.GetBytes($"S{severity}\0V{severity}\0C{sqlState}\0Mscripted\0\0"));
            _isEnded = isFatal;
            _state = _state == 'I' ? _state : (byte)'E';
        }

        private void SendDescription(List<(int Oid, byte[]? Value)> row)
        {
            var body = new MemoryStream();
            Put(body, (short)row.Count);
            foreach (var (oid, value) in row)
            {
                body.Write("c\0"u8);
                Put(body, 0);
                Put(body, (short)0);
                Put(body, oid);
                Put(body, (short)(oid == 25 ? -1 : value!.Length));
                Put(body, -1);
                Put(body, (short)1);
            }

            Send('T', body.ToArray());
        }

        private void SendRow(List<(int Oid, byte[]? Value)> row)
        {
            var body = new MemoryStream();
            Put(body, (short)row.Count);
            foreach (var (_, value) in row)
            {
                Put(body, value?.Length ?? -1);
                body.Write(value);
            }

            Send('D', body.ToArray());
        }

        private static void Put(MemoryStream body, int value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            body.Write(bytes);
        }

        private static void Put(MemoryStream body, short value)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteInt16BigEndian(bytes, value);
            body.Write(bytes);
        }

        private void Send(char type, params byte[] body)
        {
            _out.WriteByte((byte)type);
            Put(_out, body.Length + 4);
            _out.Write(body);
        }
    }
}
