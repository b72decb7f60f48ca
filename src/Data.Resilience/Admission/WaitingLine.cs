using Data.Resilience.CircuitBreaking;

namespace Data.Resilience.Admission;

/// <summary>Attempts that wait for a permit, first come, first served.</summary>
/// <remarks>Not safe for concurrent use. Continuations of a wait never run inside of a call here.</remarks>
internal sealed class WaitingLine
{
    private readonly LinkedList<TaskCompletionSource<CircuitPermit>> _line = [];

    public int Count => _line.Count;

    /// <summary>Adds one at the end.</summary>
    /// <returns>Its place, to wait at and to leave.</returns>
    public LinkedListNode<TaskCompletionSource<CircuitPermit>> Join() =>
        _line.AddLast(new TaskCompletionSource<CircuitPermit>(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Rejects one that gave up, unless it was let through meanwhile.</summary>
    public void Leave(LinkedListNode<TaskCompletionSource<CircuitPermit>> place)
    {
        if (place.List is null)
            return;

        _line.Remove(place);
        place.Value.SetResult(CircuitPermit.Rejected);
    }

    /// <summary>Lets the first one through.</summary>
    /// <returns>False when nobody waits.</returns>
    public bool TryLetThrough(CircuitPermit permit)
    {
        if (_line.First is not { } first)
            return false;

        _line.RemoveFirst();
        first.Value.SetResult(permit);
        return true;
    }

    /// <summary>Rejects all.</summary>
    public void RejectAll()
    {
        while (TryLetThrough(CircuitPermit.Rejected))
        {
        }
    }
}
