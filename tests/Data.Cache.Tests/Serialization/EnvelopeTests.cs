using Data.Cache.Serialization;
using FsCheck;
using FsCheck.Fluent;

namespace Data.Cache.Tests.Serialization;

public sealed class EnvelopeTests
{
    [Fact]
    public void TryRead_WhatWasWritten_IsEqual()
    {
        Prop.ForAll<NonNegativeInt, byte[], NonNull<string>[]>((stamp, payload, tags) =>
        {
            var names = tags.Select(static tag => new string(tag.Get.Where(static c => !char.IsSurrogate(c)).ToArray())).ToArray();
            var header = new EnvelopeHeader(stamp.Get, stamp.Get + 1L, EnvelopeFlags.Compressed, 7, 8, 9, names);
            return Envelope.TryRead(Envelope.Write(header, payload), out var read, out var bytes)
                && (read with { Tags = names }) == header
                && read.Tags.SequenceEqual(names)
                && bytes.Span.SequenceEqual(payload);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void TryRead_AnyBitFlippedOrAnyCut_IsRefused()
    {
        var sound = Envelope.Write(new EnvelopeHeader(1, 2, EnvelopeFlags.None, 3, 4, 5, ["tag"]), "payload"u8);
        for (var i = 0; i < sound.Length * 8; i++)
        {
            // The stamp is the server's, and not under the checksum.
            if (i / 8 is >= Envelope.StampOffset and < Envelope.TailOffset)
                continue;
            var bytes = (byte[])sound.Clone();
            bytes[i / 8] ^= (byte)(1 << (i % 8));
            Envelope.TryRead(bytes, out _, out _).ShouldBeFalse($"bit {i}");
        }

        for (var length = 0; length < sound.Length; length++)
            Envelope.TryRead(sound.AsMemory(0, length), out _, out _).ShouldBeFalse($"length {length}");
    }

    [Fact]
    public void TryRead_RandomBytes_NeverThrows() =>
        Prop.ForAll<byte[]>(bytes => !Envelope.TryRead((byte[])[(byte)'D', 1, .. bytes], out _, out _)).QuickCheckThrowOnFailure();
}
