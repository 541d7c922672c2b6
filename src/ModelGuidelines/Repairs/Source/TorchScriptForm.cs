using System.Collections.Frozen;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What <c>torch.jit.script</c> compiles, which knows a part of Python. A file that names it gets nothing else; in others a change says what its compiler will not take.</summary>
internal static class TorchScriptForm
{
    /// <summary>Of a loop's rounds that call elements by their number.</summary>
    public const string ByIndex = "the elements are called by a number that is counted, which torch.jit.script does not compile";

    /// <summary>Of a method that is handed a module.</summary>
    public const string Handed = "the method is handed a module, which torch.jit.script does not compile";

    /// <summary>Classes of torch.nn whose own code some release's compiler refuses: seen with PyTorch 1.13.</summary>
    private static readonly FrozenSet<string> NotCompiled = new[] { "torch.nn.MaxUnpool1d", "torch.nn.MaxUnpool2d", "torch.nn.MaxUnpool3d" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Of a module whose class is not compiled; null for all others.</summary>
    public static string? NoteOf(string type) => NotCompiled.Contains(type) ? $"{type} itself is not compiled by torch.jit.script of every release" : null;

    /// <summary>Whether the file hands its code to TorchScript's compiler.</summary>
    public static bool IsCompiled(SourceFiles files) => IsCompiled(files.Main);

    private static bool IsCompiled(SourceTree tree) => tree.Nodes.Any(n => n switch
    {
        AttributeExpression a => tree.Resolve(a) is { } path && path.StartsWith("torch.jit.", StringComparison.Ordinal),
        NameExpression { Name: "__constants__" } => true,
        NameExpression name => tree.Resolve(name) is { } path && path.StartsWith("torch.jit.", StringComparison.Ordinal),
        _ => false,
    });
}
