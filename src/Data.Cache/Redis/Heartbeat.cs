using System.Globalization;

namespace Data.Cache.Redis;

/// <summary>
/// What a heartbeat tells beside its own epoch. In text: the epoch of the last removal of everything, then each open number, negative when
/// its command has failed.
/// </summary>
/// <param name="Everything">Epoch of the last removal of everything.</param>
/// <param name="Open">Numbers of the sender's earlier messages that Redis has not acknowledged.</param>
internal readonly record struct Heartbeat(long Everything, long[] Open)
{
    // A sender with more open numbers lists none, and its receivers count the missing ones as lost.
    private const int MaxOpen = 10_000;

    /// <summary>Returns the body after the epoch, which the server writes.</summary>
    /// <param name="open">Open numbers; true for those whose command has failed.</param>
    public static string Tail(IReadOnlyDictionary<long, bool> open) => open.Count > MaxOpen
        ? string.Empty
        : string.Concat(open.Select(static number => string.Create(
            CultureInfo.InvariantCulture,
            $" {(number.Value ? -number.Key : number.Key)}")));

    public static Heartbeat Read(string body)
    {
        var numbers = Array.ConvertAll(
            body.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            static text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0);
        return numbers.Length == 0 ? new Heartbeat(0, []) : new Heartbeat(numbers[0], numbers[1..]);
    }
}
