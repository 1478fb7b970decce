namespace Causality.Http;

/// <summary>What a signed-in person may do. Each role may do what those before it may.</summary>
public enum Role
{
    Viewer,
    Editor,
    Admin,
}
