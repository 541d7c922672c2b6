using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>How the classes of torch.nn are written in a file.</summary>
internal sealed class TorchNames(SourceTree tree)
{
    /// <summary>How a class of torch.nn is written in the methods of a class here: <c>nn.ReLU</c>, <c>torch.nn.ReLU</c>; null when no name stands for it there.</summary>
    public string? Of(string type, ClassDefinition definition)
    {
        var name = type[(type.LastIndexOf('.') + 1)..];
        var init = definition.Body.OfType<FunctionDefinition>().LastOrDefault(f => f.Name == "__init__");
        foreach (var (path, rest) in new[] { ("torch.nn", $".{name}"), ("torch", $".nn.{name}"), (type, "") })
        {
            foreach (var (local, binding) in tree.Module.Names.OrderBy(n => n.Key, StringComparer.Ordinal))
            {
                // At the file's own level, before the class, and not hidden by a name of __init__.
                if (binding.Import == path && binding.All.Exists(b => b.By is Statement s && tree.File.Statements.Contains(s) && s.Start < definition.Start)
                    && (init is null || tree.ScopeOf(init).Find(local) is null) && !tree.Ancestors(definition).Any(a => a is FunctionDefinition && tree.ScopeOf(a).Find(local) is not null))
                {
                    return local + rest;
                }
            }
        }

        return null;
    }
}
