using Data.Vector.TextSearch;

namespace Data.Vector.Tests.TextSearch;

public sealed class VocabularyTests
{
    [Fact]
    public void CountSegments_LastOne_GivesTheNumberToAnotherTerm()
    {
        var vocabulary = new Vocabulary();
        var number = vocabulary.FindOrAdd("gone");
        vocabulary.CountSegments(number, 1);
        vocabulary.CountSegments(number, -1);

        vocabulary.Find("gone").ShouldBe(-1);
        vocabulary.FindOrAdd("new").ShouldBe(number);
        vocabulary.Text(number).ShouldBe("new");
        vocabulary.Documents(number).ShouldBe(0);
    }

    [Fact]
    public void Hold_TermOfNoSegment_KeepsItsNumberUntilTheRelease()
    {
        var vocabulary = new Vocabulary();
        var (gone, kept) = (vocabulary.FindOrAdd("gone"), vocabulary.FindOrAdd("kept"));
        vocabulary.CountSegments(gone, 1);
        vocabulary.CountSegments(kept, 1);
        vocabulary.Hold();
        vocabulary.Hold();
        vocabulary.CountSegments(gone, -1);
        vocabulary.CountSegments(kept, -1);
        vocabulary.FindOrAdd("kept").ShouldBe(kept);
        vocabulary.CountSegments(kept, 1);
        vocabulary.FindOrAdd("new").ShouldNotBe(gone);
        vocabulary.Release();
        vocabulary.Text(gone).ShouldBe("gone");
        vocabulary.Release();

        vocabulary.Text(gone).ShouldBeNull();
        vocabulary.Find("kept").ShouldBe(kept);
        vocabulary.FindOrAdd("newer").ShouldBe(gone);
    }
}
