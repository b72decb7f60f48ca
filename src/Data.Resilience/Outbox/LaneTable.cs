using Data.Resilience.Retry;

namespace Data.Resilience.Outbox;

/// <summary>Which lanes are being served here, and which are left alone for a while.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class LaneTable(int maxConcurrent, Backoff backoff, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<short, Lane> _lanes = [];
    private int _running;
    private int _turn;
    private bool _isWanted;

    /// <summary>Picks the lanes to start now, out of those that have messages; those that run or have to wait are remembered.</summary>
    public List<short> Start(List<short> ready)
    {
        lock (_lock)
        {
            var started = new List<short>();
            // Another one goes first each time, so that the last of the list gets its turn when not all can run.
            var first = _turn++;
            for (var place = 0; place < ready.Count; place++)
            {
                var lane = Find(ready[(int)((uint)(first + place) % (uint)ready.Count)]);
                if (lane.IsRunning || _running >= maxConcurrent)
                {
                    _isWanted = true;
                }
                else if (lane.Failures == 0 || time.GetTimestamp() >= lane.NotBefore)
                {
                    lane.IsRunning = true;
                    _running++;
                    started.Add(lane.Number);
                }
            }

            return started;
        }
    }

    /// <summary>Notes that a lane is no longer served.</summary>
    /// <returns>
    /// Whether to search again: a search met this lane while it ran or found no room for another, or there is more to do.
    /// </returns>
    public bool Stop(short number, LaneOutcome outcome)
    {
        lock (_lock)
        {
            var lane = Find(number);
            lane.IsRunning = false;
            _running--;
            lane.Failures = outcome == LaneOutcome.Failed ? lane.Failures + 1 : 0;
            if (outcome == LaneOutcome.Failed)
                lane.NotBefore = time.GetTimestamp() + (long)(backoff.Next(lane.Failures).TotalSeconds * time.TimestampFrequency);

            var again = _isWanted || outcome == LaneOutcome.MoreToDo;
            _isWanted = false;
            return again;
        }
    }

    private Lane Find(short number) => _lanes.TryGetValue(number, out var lane) ? lane : _lanes[number] = new Lane(number);

    private sealed class Lane(short number)
    {
        public short Number => number;

        public bool IsRunning { get; set; }

        public int Failures { get; set; }

        public long NotBefore { get; set; }
    }
}
