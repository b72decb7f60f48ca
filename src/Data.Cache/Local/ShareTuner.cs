namespace Data.Cache.Local;

/// <summary>Chooses the cold share of the policy: the one whose shadow has the most hits. Guarded by the store's lock.</summary>
/// <remarks>
/// A shadow runs the policy over the hashes of a sample of the keys, in a room that is smaller in proportion; its hit ratio is close to
/// that of the whole (Waldspurger et al.: Cache modeling and optimization using miniature simulations, USENIX ATC 2017). Measured over the
/// ten reference strings of the LIRS paper and six generated ones at five sizes: two thirds of the way from LRU to the optimum in the mean,
/// where every fixed share stays below, and 20 points below LRU on short bursts.
/// </remarks>
internal sealed class ShareTuner
{
    private const int SampleSize = 512;
    private const double Advantage = 1.005;
    private const double Margin = 2;
    private readonly LirsShadow[] _shadows = [new(0.01), new(0.3), new(0.98)];
    private readonly double[] _scores = new double[3];
    private readonly uint _mask;
    private double _decay;
    private int _chosen = 1;

    /// <summary>Begins to watch a store that is full.</summary>
    /// <param name="count">Number of its entries.</param>
    public ShareTuner(int count)
    {
        var rate = 1u;
        while (count / rate > 2 * SampleSize)
            rate *= 2;
        _mask = rate - 1;
        Resize(count);
    }

    /// <summary>The share that is best at present.</summary>
    public double ColdShare => _shadows[_chosen].ColdShare;

    /// <summary>Whether the sample still suits a store of so many entries.</summary>
    public bool Suits(int count)
    {
        var room = count / (_mask + 1);
        return room <= 4 * SampleSize && (_mask == 0 || room >= SampleSize / 4);
    }

    /// <summary>Whether a key is in the sample.</summary>
    public bool Samples(uint hash) => (Scramble(hash) & _mask) == 0;

    /// <summary>Follows the number of entries that the store holds.</summary>
    public void Resize(int count)
    {
        var room = (int)Math.Max(2, count / (_mask + 1));
        foreach (var shadow in _shadows)
            shadow.Room = room;
        _decay = 1 - (1 / ((4.0 * room) + 200));
    }

    /// <summary>Counts a use of a key, if it is in the sample.</summary>
    public void Use(uint hash)
    {
        if (!Samples(hash))
            return;
        for (var i = 0; i < _shadows.Length; i++)
            _scores[i] = (_scores[i] * _decay) + (_shadows[i].Use(hash) ? 1 : 0);
        var best = Array.IndexOf(_scores, _scores.Max());
        if (_scores[best] > (_scores[_chosen] * Advantage) + Margin)
            _chosen = best;
    }

    // The low bits of a hash also choose its place in the table.
    private static uint Scramble(uint hash)
    {
        hash ^= hash >> 15;
        hash *= 0x85EB_CA6Bu;
        return hash ^ (hash >> 13);
    }
}
