namespace Causality.Http;

/// <summary>What a member may do, in an organization or in one of its apps. Each role may do what those before it may.</summary>
public enum Role
{
    /// <summary>Reads.</summary>
    Viewer,

    /// <summary>And makes dashboards, queries, alerts.</summary>
    Editor,

    /// <summary>And decides on people, apps and keys.</summary>
    Admin,
}

/// <summary>A role's name on the wire, in the database and in words.</summary>
public static class RoleNames
{
    private static readonly string[] Names = ["viewer", "editor", "admin"];

    public static string Name(this Role role) => Names[(int)role];

    /// <summary>Null for what is no role.</summary>
    public static Role? Parse(string? name) => Array.IndexOf(Names, name) is >= 0 and var place ? (Role)place : null;
}
