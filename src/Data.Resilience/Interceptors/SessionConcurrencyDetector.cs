using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Infrastructure.Internal;

namespace Data.Resilience.Interceptors;

#pragma warning disable EF1001 // The detector is EF's; only who may enter is decided here.
/// <summary>Refuses a foreign flow before EF marks the context as in use.</summary>
/// <remarks>
/// EF enters for every row, every SaveChanges and every ExecuteSql. A kept query that was refused later, by its command, would in the
/// meantime fail the session that the context serves: "A second operation was started on this context instance".
/// </remarks>
internal sealed class SessionConcurrencyDetector(ICurrentDbContext current) : ConcurrencyDetector
{
    private readonly ContextOwner _owner = ContextOwner.Of(current.Context);

    public override ConcurrencyDetectorCriticalSectionDisposer EnterCriticalSection()
    {
        _owner.EnsureCurrent();
        return base.EnterCriticalSection();
    }
}
#pragma warning restore EF1001
