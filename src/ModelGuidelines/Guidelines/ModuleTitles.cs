using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>What messages call a module.</summary>
internal static class ModuleTitles
{
    /// <summary>A root by its class, the others by their names with their class behind it: <c>module 'layer1.0' (BasicBlock)</c>.</summary>
    public static string Describe(ModelModule module) => (module.QualifiedName.Length, module.TypeName) switch
    {
        (0, null) => "the root module",
        (0, var type) => $"the model {type}",
        (_, null) => $"module '{module.QualifiedName}'",
        (_, var type) => $"module '{module.QualifiedName}' ({type})",
    };
}
