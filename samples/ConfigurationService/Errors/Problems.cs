namespace ConfigurationService.Errors;

/// <summary>Every problem this service answers with. Codes are a contract: they are added, never renamed.</summary>
internal static class Problems
{
    public static readonly ProblemKind KeyMissing = new("key_missing", 401, "An API key is required");
    public static readonly ProblemKind KeyInvalid = new("key_invalid", 401, "The API key is not valid");
    public static readonly ProblemKind ScopeMissing = new("scope_missing", 403, "The API key lacks a scope");
    public static readonly ProblemKind LastAdminKey = new("last_admin_key", 409, "The last administrator's key cannot be deleted");

    public static readonly ProblemKind NotFound = new("not_found", 404, "Nothing is here");
    public static readonly ProblemKind MethodNotAllowed = new("method_not_allowed", 405, "The method is not allowed here");
    public static readonly ProblemKind VersionNotFound = new("version_not_found", 404, "There is no such version");
    public static readonly ProblemKind VersionIsDeletion = new("version_is_deletion", 409, "That version records a deletion");
    public static readonly ProblemKind Duplicate = new("duplicate", 409, "It exists already");
    public static readonly ProblemKind PreconditionFailed = new("precondition_failed", 412, "It has changed since you read it");
    public static readonly ProblemKind PreconditionMalformed = new("precondition_malformed", 400, "The precondition is not an entity tag");

    public static readonly ProblemKind BodyTooLarge = new("body_too_large", 413, "The body is too large");
    public static readonly ProblemKind StoredTooLarge = new("configuration_too_large", 413, "The configuration would be too large");
    public static readonly ProblemKind BodyTooSlow = new("body_too_slow", 408, "The body did not arrive in time");
    public static readonly ProblemKind AddressTooLong = new("address_too_long", 414, "The address is too long");
    public static readonly ProblemKind MediaType = new("unsupported_media_type", 415, "The body must be application/json");
    public static readonly ProblemKind MalformedJson = new("malformed_json", 400, "The body is not well-formed JSON");
    public static readonly ProblemKind BadRequest = new("bad_request", 400, "The request cannot be understood");
    public static readonly ProblemKind ValidationFailed = new("validation_failed", 400, "The body is not valid");
    public static readonly ProblemKind InvalidParameter = new("invalid_parameter", 400, "A parameter is not valid");

    public static readonly ProblemKind UnknownField = new("unknown_field", 400, "The body has an unknown member");
    public static readonly ProblemKind MissingField = new("missing_field", 400, "The body lacks a member");
    public static readonly ProblemKind WrongType = new("wrong_type", 400, "A member has the wrong JSON type");
    public static readonly ProblemKind InvalidValue = new("invalid_value", 400, "A member has a value that is not allowed");
    public static readonly ProblemKind InvalidTenant = new("invalid_tenant", 400, "The tenant's name is not valid");
    public static readonly ProblemKind TenantMismatch = new("tenant_mismatch", 400, "The body names another tenant than the path");
    public static readonly ProblemKind UnknownProviderType = new("unknown_provider_type", 400, "There is no such provider type");
    public static readonly ProblemKind DuplicateProvider = new("duplicate_provider", 400, "A provider is named twice");
    public static readonly ProblemKind InvalidPriority = new("invalid_priority", 400, "The priority is not valid");
    public static readonly ProblemKind SecretInConfig = new("secret_in_config", 400, "A secret lies where it would not be encrypted");

    public static readonly ProblemKind HistoryMissing = new(
        "history_missing",
        500,
        "The change was rolled back: its history was not recorded");
    public static readonly ProblemKind SecretUnreadable = new("secret_unreadable", 500, "A stored secret cannot be decrypted");
    public static readonly ProblemKind Starting = new("starting", 503, "The service is starting");
    public static readonly ProblemKind OutcomeUnknown = new("outcome_unknown", 503, "Whether the change was committed is not known");
    public static readonly ProblemKind DatabaseUnavailable = new("database_unavailable", 503, "The database cannot be reached");
    public static readonly ProblemKind DeadlineExceeded = new("deadline_exceeded", 503, "The request took too long");
    public static readonly ProblemKind DocumentsUnavailable = new("documents_unavailable", 503, "The document store cannot be reached");
    public static readonly ProblemKind Internal = new("internal_error", 500, "The service failed");

    /// <summary>The problem that a bare status code of the framework stands for.</summary>
    public static ProblemKind ForStatus(int status) => status switch
    {
        401 => KeyMissing,
        403 => ScopeMissing,
        404 => NotFound,
        405 => MethodNotAllowed,
        408 => BodyTooSlow,
        413 => BodyTooLarge,
        414 => AddressTooLong,
        415 => MediaType,
        >= 500 => Internal,
        _ => BadRequest,
    };
}
