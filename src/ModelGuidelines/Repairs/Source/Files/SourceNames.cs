using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Attribute names that no object of the classes at hand bears yet.</summary>
internal sealed class SourceNames
{
    /// <summary>What every module has; <c>torch.nn.Module</c> of PyTorch 2.</summary>
    private static readonly string[] OfModule =
    [
        "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children", "compile", "cpu", "cuda", "double", "dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer",
        "get_extra_state", "get_parameter", "get_submodule", "half", "ipu", "load_state_dict", "modules", "mtia", "named_buffers", "named_children", "named_modules", "named_parameters", "parameters",
        "register_buffer", "register_module", "register_parameter", "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to", "to_empty", "train", "training", "type", "xpu", "zero_grad",
    ];

    private readonly NewNames _names;

    private readonly HashSet<SourceTree> _known = new(ReferenceEqualityComparer.Instance);

    public SourceNames(IEnumerable<SourceTree> trees)
    {
        _names = new(OfModule, '.');
        Add(trees);
    }

    /// <summary>Files whose names are taken too.</summary>
    public void Add(IEnumerable<SourceTree> trees) => _names.Add(trees.Where(_known.Add).SelectMany(t => t.Nodes.SelectMany(n => NamesIn(t, n))));

    /// <summary><c>relu2</c> after <c>relu</c>.</summary>
    public string Next(string attribute) => _names.Next(attribute);

    /// <summary>A name for the module of a function: the function's, when nothing else is called so.</summary>
    public string For(string function) => _names.TryTake(function) ? function : _names.Next(function);

    private static IEnumerable<string> NamesIn(SourceTree tree, PythonNode node)
    {
        switch (node)
        {
            // What is called of a tensor or a library is no attribute of a module.
            case AttributeExpression a:
                return AttributeUses.IsOfSelf(tree, a) || AttributeUses.IsTarget(tree, a) ? [a.Name] : [];
            case FunctionDefinition f:
                return [f.Name];
            case ClassDefinition c:
                return c.Body.SelectMany(s => s switch
                {
                    AssignStatement a => a.Targets.OfType<NameExpression>().Select(n => n.Name),
                    AnnotatedAssignStatement { Target: NameExpression n } => [n.Name],
                    _ => [],
                });
            case StringExpression { IsBytes: false, Value.Length: < 200 } text:
                return text.Value.Split('.');
            default:
                return [];
        }
    }
}
