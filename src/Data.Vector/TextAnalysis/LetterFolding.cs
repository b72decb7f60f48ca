using System.Text;

namespace Data.Vector.TextAnalysis;

/// <summary>Folds case and diacritics: texts that differ in these only become equal.</summary>
/// <remarks>
/// By tables, because the normalization of the platform depends on its version and returns texts unchanged in applications with
/// invariant globalization, while an index on disk must mean the same everywhere. The tables hold, for each letter of the Latin, Greek and
/// Cyrillic blocks, the lower-case letter without its diacritics (the base of the canonical decomposition in Unicode 14, and the letters
/// with a stroke); a space stands for what is no letter. A change of a table changes <see cref="UnicodeTextAnalyzer.Name"/>.
/// </remarks>
internal static class LetterFolding
{
    /// <summary>The most characters that one character becomes.</summary>
    public const int MaxExpansion = 2;

    private const string Latin =
        "aaaaaaæceeeeiiiidnooooo ouuuuyþßaaaaaaæceeeeiiiidnooooo ouuuuyþy"
        + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiĳĳjjkkqllllllŀ"
        + "ŀllnnnnnnŉŋŋooooooœœrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
        + "ƀɓƃƃƅƅɔƈƈɖɗƌƌƍǝəɛƒƒɠɣƕɩɨƙƙƚƛɯɲƞɵooƣƣƥƥʀƨƨʃƪƫƭƭʈuuʊʋƴƴƶƶʒƹƹƺƻƽƽƾƿ"
        + "ǀǁǂǃǆǆǆǉǉǉǌǌǌaaiioouuuuuuuuuuǝaaaaææǥǥggkkooooʒʒjǳǳǳggƕƿnnaaææoo"
        + "aaaaeeeeiiiioooorrrruuuussttȝȝhhƞȡȣȣȥȥaaeeooooooooyyȴȵȶȷȸȹⱥȼȼƚⱦȿ"
        + "ɀɂɂƀʉʌɇɇɉɉɋɋɍɍɏɏ";

    private const string Greek =
        "ͱͱͳͳʹ ͷͷ  ͺͻͼͽ ϳ      α εηι ο υωιαβγδεζηθικλμνξοπρ στυφχψωιυαεηι"
        + "υαβγδεζηθικλμνξοπρσστυφχψωιυουωϗϐϑϒϒϒϕϖϗϙϙϛϛϝϝϟϟϡϡϣϣϥϥϧϧϩϩϫϫϭϭϯϯ"
        + "ϰϱϲϳθϵ ϸϸϲϻϻϼͻͼͽ";

    private const string Cyrillic =
        "ееђгєѕііјљњћкиуџабвгдежзииклмнопрстуфхцчшщъыьэюяабвгдежзииклмноп"
        + "рстуфхцчшщъыьэюяееђгєѕііјљњћкиуџѡѡѣѣѥѥѧѧѩѩѫѫѭѭѯѯѱѱѳѳѵѵѵѵѹѹѻѻѽѽѿѿ"
        + "ҁҁ        ҋҋҍҍҏҏґґғғҕҕҗҗҙҙққҝҝҟҟҡҡңңҥҥҧҧҩҩҫҫҭҭүүұұҳҳҵҵҷҷҹҹһһҽҽҿҿ"
        + "ӏжжӄӄӆӆӈӈӊӊӌӌӎӎӏааааӕӕееәәәәжжззӡӡииииооөөөөээууууууччӷӷыыӻӻӽӽӿӿ"
        + "ԁԁԃԃԅԅԇԇԉԉԋԋԍԍԏԏԑԑԓԓԕԕԗԗԙԙԛԛԝԝԟԟԡԡԣԣԥԥԧԧԩԩԫԫԭԭԯԯ";

    private const string LatinAdditional =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
        + "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
        + "wwwwwwwwwwxxxxyyzzzzzzhtwyẚsẜẝßẟaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
        + "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽỿỿ";

    private const string GreekExtended =
        "ααααααααααααααααεεεεεε  εεεεεε  ηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιι"
        + "οοοοοο  οοοοοο  υυυυυυυυ υ υ υ υωωωωωωωωωωωωωωωωααεεηηιιοουυωω  "
        + "ααααααααααααααααηηηηηηηηηηηηηηηηωωωωωωωωωωωωωωωωααααα ααααααα ι "
        + "  ηηη ηηεεηηη   ιιιι  ιιιιιι    υυυυρρυυυυυυρ     ωωω ωωοοωωω   ";

    /// <summary>Appends the folded form of a character outside ASCII, or nothing when it is a diacritic or invisible.</summary>
    /// <returns>The number of characters appended, at most <see cref="MaxExpansion"/>.</returns>
    public static int Fold(Rune rune, Span<char> target)
    {
        var value = rune.Value;
        var folded = value switch
        {
            >= 0xC0 and <= 0x24F => Latin[value - 0xC0],
            >= 0x370 and <= 0x3FF => Greek[value - 0x370],
            >= 0x400 and <= 0x52F => Cyrillic[value - 0x400],
            >= 0x1E00 and <= 0x1EFF => LatinAdditional[value - 0x1E00],
            >= 0x1F00 and <= 0x1FFF => GreekExtended[value - 0x1F00],

            // Full-width forms of ASCII.
            >= 0xFF01 and <= 0xFF5E => char.ToLowerInvariant((char)(value - 0xFEE0)),
            0x2018 or 0x2019 => '\'',
            _ => '\0',
        };
        if (folded == '\0')
            return IsDropped(rune) ? 0 : Rune.ToLowerInvariant(rune).EncodeToUtf16(target);

        if (folded == ' ')
            return 0;

        if (Ligature(folded) is { Length: > 0 } letters)
        {
            letters.CopyTo(target);
            return letters.Length;
        }

        target[0] = folded;
        return 1;
    }

    private static ReadOnlySpan<char> Ligature(char folded) => folded switch
    {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ĳ' => "ij",
        'ŀ' => "l",
        'ŉ' => "n",
        'ǆ' or 'ǳ' => "dz",
        'ǉ' => "lj",
        'ǌ' => "nj",
        _ => [],
    };

    private static bool IsDropped(Rune rune) => rune.Value
        is (>= 0x300 and <= 0x36F) or (>= 0x1AB0 and <= 0x1AFF) or (>= 0x1DC0 and <= 0x1DFF)
        or (>= 0x20D0 and <= 0x20FF) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xFE20 and <= 0xFE2F)
        || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.Format;
}
