using Causality.Contracts;

namespace Causality.Query.Catalog;

/// <summary>The app that a question's <c>?app_id=</c> names.</summary>
internal static class AskedApp
{
    public static string Of(string? appId) =>
        AppId.IsValid(appId) ? appId! : throw new RefusedException("app-id-invalid", "The address must name an app: ?app_id= and 1 to 128 of A-Z a-z 0-9 . _ -", 400);
}
