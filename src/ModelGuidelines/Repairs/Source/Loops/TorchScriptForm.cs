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
    public static bool IsCompiled(SourceFiles files) => IsCompiled(files.Main) || files.All.Exists(t => t != files.Main && Compiles(files, t));

    /// <summary>Whether another file at hand gives an object of a class of this one to the compiler: <c>torch.jit.script(Model())</c>.</summary>
    private static bool Compiles(SourceFiles files, SourceTree tree) => tree.File.Text.Contains("jit", StringComparison.Ordinal) && tree.Nodes.OfType<CallExpression>().Any(c =>
        tree.Resolve(c.Function) is "torch.jit.script" or "torch.jit.script_if_tracing" && c.Arguments is [{ Name: null or "obj", Stars: 0, Value: var given }, ..] && IsOfMain(files, tree, given, 0));

    /// <summary>Whether an expression makes an object of a class of the file, or names one.</summary>
    private static bool IsOfMain(SourceFiles files, SourceTree tree, Expression value, int depth) => depth < 6 && value switch
    {
        CallExpression { Function: NameExpression or AttributeExpression } call when files.ClassOf(tree, call.Function) is { } type => type.Tree == files.Main,

        // Model().eval(), or a function that returns one.
        CallExpression { Function: AttributeExpression { Value: CallExpression or NameExpression } method } when IsOfMain(files, tree, method.Value, depth + 1) => true,
        CallExpression call when ModuleWalks.FunctionsOf(files, tree, call.Function) is [var (owner, function)] => SourceTree.Below(function).OfType<ReturnStatement>().Any(r => r.Value is { } result && IsOfMain(files, owner, result, depth + 1)),
        NameExpression name when tree.Find(name.Name, name) is { } binding => binding.All.Exists(b => b.By is AssignStatement { Value: var made } && made != value && IsOfMain(files, tree, made, depth + 1)),
        _ => false,
    };

    private static bool IsCompiled(SourceTree tree) => tree.Nodes.Any(n => n switch
    {
        AttributeExpression a => tree.Resolve(a) is { } path && path.StartsWith("torch.jit.", StringComparison.Ordinal),
        NameExpression { Name: "__constants__" } => true,
        NameExpression name => tree.Resolve(name) is { } path && path.StartsWith("torch.jit.", StringComparison.Ordinal),
        _ => false,
    });
}
