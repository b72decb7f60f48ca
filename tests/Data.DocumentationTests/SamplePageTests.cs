namespace Data.DocumentationTests;

public sealed class SamplePageTests
{
    [Fact]
    public void Add_WithATypeThatIsNotImported_NamesPageLineAndMessage() =>
        Messages("var a = 1;\nvar pattern = new KeyPattern();")
            .ShouldHaveSingleItem().ShouldBe("page.md:12: CS0246: The type or namespace name 'KeyPattern' could not be found "
                + "(are you missing a using directive or an assembly reference?)");

    [Fact]
    public void Add_WithAUsingOfAnEarlierSample_Compiles() =>
        Messages("using Data.Cache;", "public sealed class Reader(DataCache cache);").ShouldBeEmpty();

    [Fact]
    public void Add_WithAUsingOfALaterSample_Fails() =>
        Messages("public sealed class Reader(DataCache cache);", "using Data.Cache;").ShouldNotBeEmpty();

    [Fact]
    public void Add_WithTypesAndVariablesOfEarlierSamples_Compiles() =>
        Messages(
            "public sealed record Order(int Id);\npublic sealed class Orders : List<Order>;",
            "var orders = new Orders();",
            "foreach (var order in orders) Console.WriteLine(order.Id);").ShouldBeEmpty("declarations come after statements");

    [Fact]
    public void Add_OfACompleteProgram_MayDeclareWhatOtherSamplesAreGiven() =>
        Messages("var builder = WebApplication.CreateBuilder(args);\nvar app = builder.Build();\nawait app.RunAsync(cancellationToken);")
            .ShouldBeEmpty();

    [Fact]
    public void Add_WithAPossibleNull_Fails() =>
        Messages("string? name = Environment.GetEnvironmentVariable(\"A\");\nConsole.WriteLine(name.Length);")
            .ShouldHaveSingleItem().ShouldStartWith("page.md:12: CS8602");

    [Fact]
    public void Add_WithAJsonContext_SeesWhatItsGeneratorMakes() =>
        Messages("""
            using System.Text.Json.Serialization;

            _ = Contexts.Default.Order;

            public sealed record Order(int Id);

            [JsonSerializable(typeof(Order))]
            public sealed partial class Contexts : JsonSerializerContext;
            """).ShouldBeEmpty();

    private static IReadOnlyList<string> Messages(params string[] samples)
    {
        var page = new SamplePage();
        return [.. samples.SelectMany(text => page.Add(new CodeSample("page.md", 11, text)))];
    }
}
