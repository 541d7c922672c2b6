using System.Management.Automation;
using ModelGuidelines.Models;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>Shows what a file says of its model: its nodes, or its modules.</summary>
[Cmdlet(VerbsCommon.Get, "ModelGraph", DefaultParameterSetName = PathSet, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Get-ModelGraph.md")]
[OutputType(typeof(ModelNode), typeof(ModelModule))]
public sealed class GetModelGraphCommand : GraphCmdlet
{
    // Names that no model has had so far.
    private readonly List<string> _unknown = [];
    private bool _isAnyRead;

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public SwitchParameter Module { get; set; }

    [Parameter]
    public SwitchParameter Node { get; set; }

    /// <summary>Names of modules; directly behind -Module too: <c>-Module layer1.*</c>.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(OpTypeCompleter))]
    public string[] OpType { get; set; } = [];

    [Parameter]
    [ValidateRange(0, 1000)]
    public int Depth { get; set; } = -1;

    protected override bool SearchesRecursively => Recurse;

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _unknown.AddRange(Name.Where(n => !WildcardPattern.ContainsWildcardCharacters(n)));
    }

    protected override void EndProcessing()
    {
        base.EndProcessing();
        foreach (var name in _isAnyRead ? _unknown : [])
        {
            WriteError(new("MG.Graph.NoSuchModule", $"no model has a module '{name}'", null), name);
        }
    }

    private protected override void Process(string path, ModelGraph graph)
    {
        _isAnyRead = true;
        _unknown.RemoveAll(n => graph.Modules.Any(m => Matches([n], m.QualifiedName)));
        var scope = ModuleScope.Of(graph, null, Depth);
        // Source and pickles have modules and no nodes: nothing at all would look like an empty model.
        var modules = Module || (!Node && OpType.Length == 0 && graph.Nodes.IsEmpty);
        if (modules && OpType.Length == 0)
        {
            WriteObject(Tree([.. GraphView.Modules(path, graph, scope).Select(Objects.Of)]).Where(m => IsNamed(m.Name)), enumerateCollection: true);
        }

        if (Node || !modules || OpType.Length > 0)
        {
            WriteObject(GraphView.Nodes(path, graph, scope).Where(n => IsNamed(n.Module) && Matches(OpType, n.OpType)).Select(Objects.Of), enumerateCollection: true);
        }
    }

    /// <summary>The modules, each with those that it holds. Parents stand before children.</summary>
    private static List<ModelModule> Tree(List<ModelModule> modules)
    {
        // A file of source has several roots, whose modules follow them: the last one of a name is the one meant.
        var last = new Dictionary<string, List<ModelModule>>(StringComparer.Ordinal);
        var children = modules.Select(_ => new List<ModelModule>()).ToList();
        for (var i = 0; i < modules.Count; i++)
        {
            if (modules[i].Parent is { } parent && last.TryGetValue(parent, out var siblings))
            {
                siblings.Add(modules[i]);
            }

            last[modules[i].Name] = children[i];
        }

        for (var i = 0; i < modules.Count; i++)
        {
            modules[i].Children = new(children[i]);
        }

        return modules;
    }

    private bool IsNamed(string? module) => Name.Length == 0 || (module is not null && Matches(Name, module));

    private static bool Matches(string[] patterns, string text) =>
        patterns.Length == 0 || patterns.Any(p => WildcardPattern.Get(p, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant).IsMatch(text));
}
