using System.Runtime.InteropServices;

namespace Data.Vector.Internal;

/// <summary>
/// A range of addresses reserved once and committed from its start as it fills, so that it grows without moving: pointers into
/// it stay good while others write behind them.
/// </summary>
/// <remarks>
/// Committed memory reads as zeros. A region smaller than a huge page is committed at once: the system joins neighbours of one protection
/// into one mapping, of which a process has a limited number. Huge pages are asked for only once a region is large; a store of many small
/// collections would otherwise pay two megabytes for each. Not safe for concurrent commits; readers of committed memory need no lock.
/// </remarks>
internal sealed unsafe class NativeRegion : SafeHandle
{
    private const nuint SmallStep = 64 << 10, LargeStep = 64 << 20, HugePage = 2 << 20;

    private readonly nuint _reserved;
    private readonly bool _isSmall;
    private nuint _committed;
    private nuint _mapped;
    private bool _hugePages;

    public NativeRegion(long reserveBytes)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(reserveBytes, 1);
        // One huge page more than asked for, so that the base can be aligned to one.
        _isSmall = (nuint)reserveBytes < HugePage;
        _reserved = _isSmall
            ? RoundUp((nuint)reserveBytes, (nuint)Environment.SystemPageSize)
            : RoundUp((nuint)reserveBytes, HugePage) + HugePage;
        var reservation = NativeMemoryCalls.Reserve(_reserved);
        if (reservation is null)
            throw new IOException($"The system refused to reserve {_reserved} bytes of address space for vectors.");
        SetHandle((nint)reservation);
        Base = _isSmall ? (byte*)reservation : (byte*)RoundUp((nuint)reservation, HugePage);
        if (_isSmall)
            Commit(Capacity);
    }

    public override bool IsInvalid => handle == 0;

    public byte* Base { get; }

    /// <summary>Bytes that can be committed in all.</summary>
    public long Capacity => (long)(_isSmall ? _reserved : _reserved - HugePage);

    /// <summary>Bytes committed, mapped ones included.</summary>
    public long Committed => (long)_committed;

    /// <summary>Bytes at the start that are backed by a file.</summary>
    public long Mapped => (long)_mapped;

    /// <summary>Makes the first <paramref name="bytes"/> bytes usable.</summary>
    public void Commit(long bytes)
    {
        if ((nuint)bytes <= _committed)
            return;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Capacity);
        ObjectDisposedException.ThrowIf(IsClosed, this);
        // Steps grow with the region: few system calls for a large one, little waste for a small one. Large regions end at a huge page's
        // end: one that is committed by halves when first touched is made of small pages.
        var step = nuint.Clamp(RoundUp(_committed / 4, SmallStep), SmallStep, LargeStep);
        var wanted = nuint.Max((nuint)bytes, _committed + step);
        var target = nuint.Min(RoundUp(wanted, wanted < HugePage ? SmallStep : HugePage), (nuint)Capacity);
        if (!NativeMemoryCalls.Commit(Base + _committed, target - _committed))
            throw new IOException($"The system refused to commit {target - _committed} bytes for vectors.");
        var before = _committed;
        _committed = target;
        if (!_hugePages && _committed >= HugePage)
            UseHugePages(before);
    }

    private void UseHugePages(nuint touched)
    {
        _hugePages = true;
        var start = RoundUp(_mapped, HugePage);
        NativeMemoryCalls.Advise(Base + start, (nuint)Capacity - start, NativeMemoryCalls.AdviseHugePage);
        // What was touched while the region was small; the rest comes in huge pages by itself.
        var end = nuint.Min(RoundUp(touched, HugePage), _committed);
        if (end > start)
            NativeMemoryCalls.Advise(Base + start, end - start, NativeMemoryCalls.AdviseCollapse);
    }

    /// <summary>Backs the start of an empty region with a file's bytes, copied only where written to; false where unsupported.</summary>
    public bool TryMap(SafeHandle file, long offset, long bytes)
    {
        if (_isSmall)
            return false;
        if (_committed != 0)
            throw new InvalidOperationException("Only an empty region can be backed by a file.");
        if (bytes == 0)
            return true;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Capacity);
        if (!NativeMemoryCalls.TryMapFile(Base, (nuint)bytes, file, offset))
            return false;
        // The tail of the last page belongs to the mapping; committing goes on behind it.
        _mapped = _committed = RoundUp((nuint)bytes, (nuint)Environment.SystemPageSize);
        return true;
    }

    protected override bool ReleaseHandle()
    {
        NativeMemoryCalls.Release((byte*)handle, _reserved);
        return true;
    }

    private static nuint RoundUp(nuint value, nuint unit) => (value + unit - 1) / unit * unit;
}
