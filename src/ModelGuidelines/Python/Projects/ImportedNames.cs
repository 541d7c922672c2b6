using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Python.Projects;

/// <summary>The dotted names that a file may load another file by: what it imports, with the packages around it, and what it asks of an imported package.</summary>
/// <remarks>By the text alone: rather a name too many than one that is missing.</remarks>
internal static class ImportedNames
{
    /// <summary>Names behind an imported one that are tried as files: <c>package.part.layers.Block</c>.</summary>
    private const int MaxParts = 4;

    public static IReadOnlyCollection<string> Of(SourceModule module)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var bound = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var chains = new List<(string Root, string[] Parts)>();
        foreach (var node in Nodes(module.File))
        {
            switch (node)
            {
                case ImportStatement s:
                    foreach (var name in s.Names)
                    {
                        AddWithPackages(names, name.Name);
                        Bind(bound, name.Alias ?? name.Name.Split('.')[0], name.Alias is null ? name.Name.Split('.')[0] : name.Name);
                    }

                    break;
                case ImportFromStatement s when Project.Absolute(module, s.Level, s.Module) is { } from:
                    AddWithPackages(names, from);
                    foreach (var name in s.Names.Where(n => n.Name != "*"))
                    {
                        var full = from.Length == 0 ? name.Name : $"{from}.{name.Name}";
                        names.Add(full);
                        Bind(bound, name.Alias ?? name.Name, full);
                    }

                    break;
                case AttributeExpression e when ChainOf(e) is var (root, parts):
                    chains.Add((root, parts));
                    break;
            }
        }

        foreach (var (root, parts) in chains)
        {
            foreach (var dotted in bound.GetValueOrDefault(root) ?? [])
            {
                names.Add($"{dotted}.{string.Join('.', parts)}");
            }
        }

        return names;
    }

    /// <summary>How many folders up a file imports from, its own counted; 0 or 1 where it stays in its folder.</summary>
    public static int LevelsAbove(PythonFile file) => file.Text.Contains("from ..", StringComparison.Ordinal) ? Nodes(file).OfType<ImportFromStatement>().Select(n => n.Level).DefaultIfEmpty().Max() : 0;

    private static IEnumerable<PythonNode> Nodes(PythonFile file)
    {
        var open = new Stack<PythonNode>(file.Statements);
        while (open.TryPop(out var node))
        {
            yield return node;
            foreach (var child in PythonTree.Children(node))
            {
                open.Push(child);
            }
        }
    }

    /// <summary>Each attribute is a node of its own, so that every part of a chain comes.</summary>
    private static (string Root, string[] Parts)? ChainOf(AttributeExpression expression)
    {
        var parts = new List<string>();
        Expression at = expression;
        while (at is AttributeExpression attribute && parts.Count <= MaxParts)
        {
            parts.Insert(0, attribute.Name);
            at = attribute.Value;
        }

        return at is NameExpression name ? (name.Name, [.. parts]) : null;
    }

    private static void AddWithPackages(HashSet<string> names, string dotted)
    {
        names.Add(dotted);
        for (var dot = dotted.LastIndexOf('.'); dot > 0; dot = dotted.LastIndexOf('.', dot - 1))
        {
            names.Add(dotted[..dot]);
        }
    }

    private static void Bind(Dictionary<string, List<string>> bound, string name, string dotted) =>
        (bound.TryGetValue(name, out var known) ? known : bound[name] = []).Add(dotted);
}
