namespace Data.Vector.Tests.TextAnalysis;

public sealed class UnicodeTextAnalyzerTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  \t\r\n ... !? -- ", "")]
    [InlineData("The quick (\"brown\") fox can't jump 32.3 feet, right?", "the quick brown fox can't jump 32.3 feet right")]
    [InlineData("state-of-the-art e-mail", "state of the art e mail")]
    [InlineData("snake_case_name __init__ _ ___ x_", "snake_case_name __init__ x_")]
    [InlineData("1,234.56 1,2,3 3.14. v1.2.3 10:30 a,b;c", "1,234.56 1,2,3 3.14 v1.2.3 10 30 a b c")]
    [InlineData("www.example.com/path?q=1&r=two", "www.example.com path q 1 r two")]
    [InlineData("end. Start end.Start", "end start end.start")]
    [InlineData("rock'n'roll 'quoted' dogs' l\u2019eau", "rock'n'roll quoted dogs l'eau")]
    [InlineData("note:this a.1 1.a", "note this a 1 1 a")]
    [InlineData("x2 2x NU1603 C# F#", "x2 2x nu1603 c f")]
    public void Analyze_Latin_WordsOfTheAnnex(string text, string terms) => Terms(text).ShouldBe(Split(terms));

    [Theory]
    [InlineData("Café CAFE\u0301 café", "cafe cafe cafe")]
    [InlineData("Ångström naïve ÜBER Straße STRASSE ẞ", "angstrom naive uber strasse strasse ss")]
    [InlineData("Æsop œuvre Øresund Łódź Đorđe þing ĳ İstanbul ısı", "aesop oeuvre oresund lodz dorde thing ij istanbul isi")]
    [InlineData("Tiếng Việt TIẾNG", "tieng viet tieng")]
    [InlineData("ΟΔΥΣΣΕΥΣ Ὀδυσσεύς όδος", "οδυσσευσ οδυσσευσ οδοσ")]
    [InlineData("Ёлка елка Йод", "елка елка иод")]
    [InlineData("ＦＵＬＬ width １２３", "full width 123")]
    [InlineData("co\u00ADoperate zero\u200Bwidth joi\u200Dned", "cooperate zero width joined")]
    [InlineData("\u0301 a\u0301\u0302", "a")]
    public void Analyze_CaseAndDiacritics_AreFolded(string text, string terms) => Terms(text).ShouldBe(Split(terms));

    [Theory]
    [InlineData("東京都 2020年", "東 京 都 2020 年")]
    [InlineData("ひらがな カタカナ語 ﾊﾝｶｸ", "ひ ら が な カタカナ 語 ﾊﾝｶｸ")]
    [InlineData("한국어 텍스트", "한국어 텍스트")]
    [InlineData("สวัสดี", "ส วั ส ดี")]
    [InlineData("𠀀𠀁", "𠀀 𠀁")]
    [InlineData("हिन्दी भाषा", "हिन्दी भाषा")]
    [InlineData("العَرَبِيَّة نص", "العَرَبِيَّة نص")]
    [InlineData("צה\"ל \"צבא\"", "צה\"ל צבא")]
    [InlineData("🎉 party 👩‍👩‍👧 ok ☃", "party ok")]
    [InlineData("𝒜𝒷 𐐀𐐁", "𝒜𝒷 𐐨𐐩")]
    public void Analyze_OtherScripts_AsDocumented(string text, string terms) => Terms(text).ShouldBe(Split(terms));

    [Fact]
    public void Analyze_Tokens_CoverTheirPartsOfTheText()
    {
        const string Text = "  Größe: l\u2019été 東京 e\u0301!";
        var tokens = new TextTokens();
        UnicodeTextAnalyzer.Instance.Analyze(Text, tokens);

        var parts = Enumerable.Range(0, tokens.Count).Select(i => Text.Substring(tokens[i].Start, tokens[i].Length)).ToArray();
        parts.ShouldBe(["Größe", "l\u2019été", "東", "京", "e\u0301"]);
        Terms(Text).ShouldBe(["grosse", "l'ete", "東", "京", "e"]);
    }

    [Fact]
    public void Analyze_LongWord_IsCutOff()
    {
        var term = Terms(new string('a', 1_000) + " b").ToArray();
        term.ShouldBe([new string('a', UnicodeTextAnalyzer.MaxTermLength), "b"]);
        Terms(new string('a', 254) + "ß").Single().ShouldBe(new string('a', 254), "half of what a character becomes is not kept");
    }

    [Theory]
    [InlineData("a\uD800b")]
    [InlineData("\uDC00")]
    [InlineData("x\uD83C")]
    public void Analyze_HalfASurrogatePair_Separates(string text) => Terms(text).ShouldAllBe(term => term.Length == 1);

    [Fact]
    public void Analyze_AnyText_GivesOrderedPartsAndTheSameTermsInUpperCase()
    {
        var random = new Random(7);
        string[] pieces =
        [
            "a", "Z", "é", "e\u0301", "ß", "7", ".", ",", "'", "\u2019", "_", " ", "-",
            "東", "ひ", "カ", "한", "ส", "ั", "\u200D", "\"", "ש", "🎉", "ǅ", "Ω",
        ];
        for (var round = 0; round < 3_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => pieces[random.Next(pieces.Length)]));
            var tokens = new TextTokens();
            UnicodeTextAnalyzer.Instance.Analyze(text, tokens);
            var last = 0;
            for (var i = 0; i < tokens.Count; i++)
            {
                var token = tokens[i];
                token.Start.ShouldBeGreaterThanOrEqualTo(last, text);
                token.Length.ShouldBeGreaterThan(0, text);
                last = token.Start + token.Length;
                token.Term.Length.ShouldBeGreaterThan(0, text);
            }

            last.ShouldBeLessThanOrEqualTo(text.Length, text);
            Terms(text.ToUpperInvariant()).ShouldBe(Terms(text), text);
            Terms(string.Join(' ', Terms(text))).ShouldBe(Terms(text), $"{text}: terms are their own terms");
        }
    }

    [Fact]
    public void Indexer_BeyondTheTerms_Throws()
    {
        var tokens = new TextTokens();
        Should.Throw<ArgumentOutOfRangeException>(() => tokens[0].Length);
        Should.Throw<ArgumentOutOfRangeException>(() => tokens.Add("a", -1, 1));
        tokens.Add("", 0, 0);
        tokens.Count.ShouldBe(0);
    }

    private static string[] Terms(string text)
    {
        var tokens = new TextTokens();
        UnicodeTextAnalyzer.Instance.Analyze(text, tokens);
        return [.. Enumerable.Range(0, tokens.Count).Select(i => tokens[i].Term.ToString())];
    }

    private static string[] Split(string terms) => terms.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
