using System.Runtime.InteropServices;
using Data.Vector.Internal;

namespace Data.Vector.Embedded;

/// <summary>
/// A read of the collection as of one version. Until it is disposed, slots and records of that version stay as they are.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly ref struct ReadMoment(ReadPin pin, long version)
{
    private readonly ReadPin _pin = pin;

    public long Version { get; } = version;

    public void Dispose() => _pin.Dispose();
}
