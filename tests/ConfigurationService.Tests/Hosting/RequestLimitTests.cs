using System.Net;
using System.Net.Sockets;
using System.Text;
using ConfigurationService.Tests.Persistence;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Hosting;

/// <summary>Requests as a real server receives them: methods, long addresses and slow bodies.</summary>
public sealed class RequestLimitTests : IAsyncLifetime
{
    private ServiceDatabase _service = null!;

    public async ValueTask InitializeAsync() => _service = await ServiceDatabase.StartListeningAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Head_IsGetWithoutItsBody()
    {
        (await _service.Admin.PutAsync("/config/t/map/here", new { })).Expect(HttpStatusCode.Created);
        var head = await _service.Admin.SendAsync(HttpMethod.Head, "/config/t/map/here", body: null);
        head.Expect(HttpStatusCode.OK).Text.ShouldBeEmpty();
        head.Tag.ShouldBe("\"1\"");
        (await _service.Admin.SendAsync(HttpMethod.Head, "/config/t/map/here", null, ("If-None-Match", "\"1\"")))
            .Expect(HttpStatusCode.NotModified);
        (await _service.Admin.SendAsync(HttpMethod.Head, "/", null)).Expect(HttpStatusCode.OK).Text.ShouldBeEmpty();
        (await _service.Admin.SendAsync(HttpMethod.Head, "/config/none", null)).Expect(HttpStatusCode.NotFound).Text.ShouldBeEmpty();
        (await _service.Admin.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").ToString().ShouldNotContain("\"head\"");
    }

    [Fact]
    public async Task Address_TooLong_IsAProblem() => (await _service.Admin.GetAsync($"/config/t/history?cursor={new string('x', 20_000)}"))
        .Expect(HttpStatusCode.RequestUriTooLong).Code.ShouldBe("address_too_long");

    [Fact]
    public async Task Body_ThatDoesNotArrive_IsTooSlow()
    {
        using var client = new TcpClient();
        var address = _service.CreateClient().BaseAddress!;
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT /config/t/map/here HTTP/1.1\r\nHost: x\r\nX-API-Key: {_service.AdminKey}\r\nContent-Type: application/json\r\n"
            + "Content-Length: 1000\r\n\r\n{\"config\":"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        (await reader.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldStartWith("HTTP/1.1 408");
    }
}
