namespace ConfigurationService.Persistence;

/// <summary>
/// The password of a role that the service makes, and the salt it is stored with: the same on every instance, so that all agree.
/// </summary>
internal sealed record RolePassword(string Password, byte[] Salt)
{
    public override string ToString() => "…";
}
