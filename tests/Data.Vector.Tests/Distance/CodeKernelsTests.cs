using System.Runtime.Intrinsics;
using Data.Vector.Distance;

namespace Data.Vector.Tests.Distance;

public sealed unsafe class CodeKernelsTests
{
    public static TheoryData<int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int>();
            foreach (var bytes in (int[])[64, 128, 192, 320, 768, 1536, 65_536])
            {
                for (var pattern = 0; pattern < 3; pattern++)
                    shapes.Add(bytes, pattern);
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void SquaredL2_EveryWidth_EqualsScalar(int bytes, int pattern)
    {
        WithCodes(bytes, pattern, (q, c) =>
        {
            for (var i = 0; i < 4; i++)
            {
                var expected = ScalarKernels.CodeSquaredL2(q, c[i], bytes);
                CodeKernels512.SquaredL2(q, c[i], bytes).ShouldBe(expected);
                CodeKernels256.SquaredL2(q, c[i], bytes).ShouldBe(expected);
                CodeKernels128.SquaredL2(q, c[i], bytes).ShouldBe(expected);
                CodeKernels512.SquaredL2(q, c[0], c[1], c[2], c[3], bytes)[i].ShouldBe(expected);
                CodeKernels256.SquaredL2(q, c[0], c[1], c[2], c[3], bytes)[i].ShouldBe(expected);
                CodeKernels128.SquaredL2(q, c[0], c[1], c[2], c[3], bytes)[i].ShouldBe(expected);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void CentredDot_EveryWidth_EqualsScalar(int bytes, int pattern)
    {
        WithCodes(bytes, pattern, (q, c) =>
        {
            for (var i = 0; i < 4; i++)
            {
                var expected = ScalarKernels.CodeCentredDot(q, c[i], bytes);
                CodeKernels512.CentredDot(q, c[i], bytes).ShouldBe(expected);
                CodeKernels256.CentredDot(q, c[i], bytes).ShouldBe(expected);
                CodeKernels128.CentredDot(q, c[i], bytes).ShouldBe(expected);
                CodeKernels512.CentredDot(q, c[0], c[1], c[2], c[3], bytes)[i].ShouldBe(expected);
                CodeKernels256.CentredDot(q, c[0], c[1], c[2], c[3], bytes)[i].ShouldBe(expected);
                CodeKernels128.CentredDot(q, c[0], c[1], c[2], c[3], bytes)[i].ShouldBe(expected);
            }
        });
    }

    // This processor uses the instructions in the narrow helpers; others use the portable code.
    [Fact]
    public void PortableHelpers_EveryPairOfCodes_EqualTheInstruction()
    {
        for (var a = 0; a <= CodeKernels.MaxCode; a++)
        {
            for (var b = -CodeKernels.MaxCode; b <= CodeKernels.MaxCode; b++)
            {
                var products = CodeKernels128.MultiplyAdjacentPortable(Vector128.Create((byte)a), Vector128.Create((sbyte)b));
                products.ShouldBe(Vector128.Create((short)(2 * a * b)));
                CodeKernels128.PairSumsPortable(products).ShouldBe(Vector128.Create(4 * a * b));
            }
        }
    }

    private delegate void Check(byte* query, byte*[] codes);

    // Pattern 0: the extremes, which reveal saturation; 1: ramps; 2: random.
    private static void WithCodes(int bytes, int pattern, Check check)
    {
        var random = new Random(bytes);
        var all = new byte[5][];
        for (var i = 0; i < 5; i++)
        {
            all[i] = new byte[bytes];
            for (var j = 0; j < bytes; j++)
            {
                all[i][j] = pattern switch
                {
                    0 => i == 0 ? (byte)0 : i == 4 ? (byte)0 : (byte)CodeKernels.MaxCode,
                    1 => (byte)((i * 31 + j) & 127),
                    _ => (byte)random.Next(128),
                };
            }
        }

        fixed (byte* q = all[0], a = all[1], b = all[2], c = all[3], d = all[4])
            check(q, [a, b, c, d]);
    }
}
