using Data.Vector.TextSearch;

namespace Data.Vector.Tests.TextSearch;

public sealed class PostingListTests
{
    [Fact]
    public void TryRead_DocumentsAddedSince_AreLeftOut()
    {
        var list = new PostingList();
        foreach (var document in new ushort[] { 3, 7, 8, 9 })
            list.Add(document, 2, 10);

        list.TryRead(8, out var postings).ShouldBeTrue();
        postings.Documents.ToArray().ShouldBe([3, 7]);
        postings.Frequencies.ToArray().ShouldBe([2, 2]);
        (postings.MaxFrequency, postings.MinLength).ShouldBe((2, 10));
        list.TryRead(3, out _).ShouldBeFalse();
    }
}
