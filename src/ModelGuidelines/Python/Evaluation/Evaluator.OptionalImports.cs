using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Libraries that a file does without where they are not installed: <c>try: from apex import Norm</c>, with a handler.</content>
internal sealed partial class Evaluator
{
    /// <summary>How deep in branches of a block imports are looked for: an 'if' and its branch are two.</summary>
    private const int MaxBranches = 9;

    private static readonly ExternalValue NotInstalled = new("builtins.ModuleNotFoundError");

    /// <summary>A block with handlers, of which the first import of a library that is not in what is read either succeeds or raises: what stands before it runs in both, what stands behind it
    /// where the library is there, and the handler where it is not.</summary>
    /// <returns>Whether it has such an import.</returns>
    private bool TryImports(TryStatement s, ImmutableArray<Statement> body, Scope scope, Condition? caught)
    {
        for (var i = 0; i < body.Length; i++)
        {
            if (MissingIn(body[i], scope.Module, 0) is not { } name)
            {
                continue;
            }

            if (s.Handlers.FirstOrDefault(h => h.Type is null || IsCaughtBy(NotInstalled, Here(Evaluate(h.Type, scope))) != false) is not { } handler)
            {
                return false;
            }

            var (own, rest) = (body[i..(i + 1)], body[(i + 1)..]);
            Block(body[..i], scope);
            Fork(_tests.Ask(InstalledSymbol(name), "installed", $"{name} is installed"), () =>
            {
                Block(own, scope);
                if (!TryImports(s, rest, scope, caught))
                {
                    TryBody(rest, s.OrElse, scope);
                }
            }, () => Handle(handler, scope, caught));
            return true;
        }

        return false;
    }

    /// <summary>The first library that a statement imports and that is not in what is read.</summary>
    private string? MissingIn(PythonNode node, SourceModule module, int depth)
    {
        bool IsMissing(string dotted) => !_project.Has(dotted, module) && !Libraries.Knows(dotted.Split('.')[0]);
        return node switch
        {
            ImportStatement s => s.Names.Select(n => n.Name).FirstOrDefault(IsMissing)?.Split('.')[0],
            ImportFromStatement s => _project.Imported(module, s) is { Length: > 0 } dotted && IsMissing(dotted) && !s.Names.Any(n => _project.Has($"{dotted}.{n.Name}", module)) ? s.Level == 0 ? dotted.Split('.')[0] : dotted : null,
            IfStatement or IfClause or WithStatement when depth <= MaxBranches => PythonTree.Children(node).Select(c => MissingIn(c, module, depth + 1)).FirstOrDefault(n => n is not null),
            _ => null,
        };
    }
}
