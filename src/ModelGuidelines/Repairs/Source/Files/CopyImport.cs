using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What makes <c>copy.deepcopy</c> mean what it says in a function.</summary>
internal static class CopyImport
{
    /// <summary>Nothing, or an import at the head of the file; null where another meaning hides it.</summary>
    public static List<SourceEdit>? For(SourceTree tree, FunctionDefinition function)
    {
        if (tree.ScopeOf(function).Find("copy") is not null)
        {
            return null;
        }

        if (tree.Module.Find("copy") is { } binding)
        {
            return binding.Import == "copy" && binding.All.Exists(b => b.By is Statement s && tree.File.Statements.Contains(s)) ? [] : null;
        }

        return tree.File.Statements.FirstOrDefault(s => s is ImportStatement or ImportFromStatement { Module: not "__future__" }) is { } first && tree.File.LineStart(tree.File.PositionOf(first.Start).Line) is var line
            ? [new(new(line, line), "import copy" + tree.LineEnd(tree.File.Text.AsSpan(first.Start).IndexOfAny('\r', '\n') is var i and >= 0 ? first.Start + i : tree.File.Text.Length))]
            : null;
    }
}
