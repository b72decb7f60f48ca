namespace Data.Cache.Local;

/// <summary>What LIRS would do with a sample of the keys: the hashes only, exactly by the paper. Guarded by the store's lock.</summary>
/// <param name="coldShare">Share of the room for cold entries.</param>
internal sealed class LirsShadow(double coldShare)
{
    private readonly Dictionary<uint, Node> _nodes = [];

    // Both from the most recent to the oldest use; the stack also holds hashes that are not resident.
    private readonly LinkedList<Node> _stack = new();
    private readonly LinkedList<Node> _queue = new();
    private int _hot;
    private int _hotLimit = 1;
    private int _room = 2;

    public double ColdShare => coldShare;

    /// <summary>Number of entries that fit.</summary>
    public int Room
    {
        set
        {
            _room = Math.Max(2, value);
            _hotLimit = _room - Math.Clamp((int)(_room * coldShare), 1, _room - 1);
            Demote();
        }
    }

    /// <summary>Uses a key. Returns whether it was resident.</summary>
    public bool Use(uint hash)
    {
        if (!_nodes.TryGetValue(hash, out var node))
            _nodes.Add(hash, node = new Node(hash));
        var hit = node.IsResident;
        if (node.IsHot)
        {
            Touch(node);
            Prune();
            return true;
        }

        if (hit)
        {
            UseCold(node);
            return true;
        }

        while (_hot + _queue.Count >= _room && _queue.Last is { } last)
            Leave(last.Value);
        node.IsResident = true;
        if (_hot < _hotLimit || node.Place is not null)
        {
            Heat(node);
        }
        else
        {
            Touch(node);
            node.Turn = _queue.AddFirst(node);
        }

        Bound();
        return false;
    }

    private void UseCold(Node node)
    {
        _queue.Remove(node.Turn!);
        node.Turn = null;
        if (node.Place is not null)
        {
            Heat(node);
            return;
        }

        Touch(node);
        node.Turn = _queue.AddFirst(node);
    }

    private void Heat(Node node)
    {
        Touch(node);
        node.IsHot = true;
        _hot++;
        Demote();
    }

    private void Touch(Node node)
    {
        if (node.Place is not null)
            _stack.Remove(node.Place);
        node.Place = _stack.AddFirst(node);
    }

    private void Leave(Node node)
    {
        _queue.Remove(node.Turn!);
        node.Turn = null;
        node.IsResident = false;
        if (node.Place is null)
            _nodes.Remove(node.Hash);
    }

    private void Demote()
    {
        while (_hot > _hotLimit)
        {
            Prune();
            var node = _stack.Last!.Value;
            Unstack(node);
            node.IsHot = false;
            _hot--;
            node.Turn = _queue.AddFirst(node);
        }

        Prune();
    }

    // The stack ends with a hot entry: what is older has failed its test.
    private void Prune()
    {
        while (_stack.Last is { Value: { IsHot: false } node })
            Unstack(node);
    }

    private void Bound()
    {
        for (var place = _stack.Last; place is not null && _stack.Count > 3 * _room;)
        {
            var node = place.Value;
            place = place.Previous;
            if (!node.IsResident)
                Unstack(node);
        }
    }

    private void Unstack(Node node)
    {
        _stack.Remove(node.Place!);
        node.Place = null;
        if (!node.IsResident)
            _nodes.Remove(node.Hash);
    }

    private sealed class Node(uint hash)
    {
        public uint Hash { get; } = hash;

        public bool IsHot { get; set; }

        public bool IsResident { get; set; }

        public LinkedListNode<Node>? Place { get; set; }

        public LinkedListNode<Node>? Turn { get; set; }
    }
}
