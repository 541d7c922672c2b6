using ModelGuidelines.Storage;

namespace ModelGuidelines.Models;

/// <summary>A part of a graph's modules: one module and what is below it, down to a depth.</summary>
public sealed class ModuleScope
{
    private readonly bool[]? _inside;

    private ModuleScope(bool[]? inside) => _inside = inside;

    public bool IsEverything => _inside is null;

    public bool Contains(int module) => _inside is null || _inside[module];

    /// <param name="graph">Whose modules.</param>
    /// <param name="module">Qualified name or alias of the outermost one; null or "": from the roots on.</param>
    /// <param name="depth">Levels below it: 0 is itself alone; negative: all.</param>
    /// <exception cref="ModelReadException">There is no module of that name.</exception>
    public static ModuleScope Of(ModelGraph graph, string? module, int depth = -1)
    {
        if (string.IsNullOrEmpty(module) && depth < 0)
        {
            return new(null);
        }

        var modules = graph.Modules;
        var levels = new int[modules.Length]; // below the scope's root; -1: outside
        var found = false;
        for (var i = 0; i < modules.Length; i++)
        {
            var isTop = string.IsNullOrEmpty(module) ? modules[i].Parent is null : modules[i].QualifiedName == module || modules[i].Aliases.Contains(module);
            found |= isTop;
            levels[i] = isTop ? 0 : modules[i].Parent is { } parent && parent < i && levels[parent] >= 0 ? levels[parent] + 1 : -1;
        }

        if (!found && !string.IsNullOrEmpty(module))
        {
            throw new ModelReadException("MG.Graph.NoSuchModule", $"the model has no module '{module}'");
        }

        return new([.. levels.Select(l => l >= 0 && (depth < 0 || l <= depth))]);
    }
}
