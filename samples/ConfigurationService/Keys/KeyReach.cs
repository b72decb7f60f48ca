namespace ConfigurationService.Keys;

/// <summary>Whose key an endpoint accepts.</summary>
internal enum KeyReach
{
    /// <summary>An administrator's, or that of the tenant in the path.</summary>
    TenantOfPath,

    /// <summary>An administrator's: the endpoint is about everyone.</summary>
    Administrator,

    /// <summary>An administrator's, recognised from memory: the endpoint has to answer while the database is down.</summary>
    Operator,

    /// <summary>Any: the endpoint shows what is everyone's, or what belongs to the key.</summary>
    Anyone,
}
