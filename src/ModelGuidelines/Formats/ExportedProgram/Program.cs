using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>One exported program, as far as an audit reads it. Names as in torch/_export/serde/schema.py.</summary>
internal sealed class Program
{
    public ProgramGraph Graph { get; set; } = new();

    /// <summary>torch's version of the serialized structure; null where the file does not say.</summary>
    public int? SchemaMajor { get; set; }

    public string? TorchVersion { get; set; }

    /// <summary>Inputs of the graph that are parameters, buffers or constants: the graph's name of each and the module's.</summary>
    public List<(string Value, string QualifiedName)> States { get; } = [];

    /// <summary>Kinds of what the caller passes, in the order of the flattened input.</summary>
    public List<ModelValueType> UserInputs { get; } = [];

    /// <summary>Kinds of what the caller gets back, in the order of the flattened output.</summary>
    public List<ModelValueType> UserOutputs { get; } = [];

    /// <summary>module_call_graph: every module, some with their signature.</summary>
    public List<ModuleEntry> Modules { get; } = [];

    /// <summary>The root's signature, where it stands beside <see cref="Modules"/> and not in it.</summary>
    public ModuleSignature RootSignature { get; } = new();

    /// <summary>Field names of named tuples by their qualified class.</summary>
    public Dictionary<string, List<string>> NamedTupleFields { get; } = new(StringComparer.Ordinal);

    public bool HasGraph { get; set; }

    /// <summary>Whether the key of a further call of a module ends in @1, in any graph.</summary>
    public bool HasFurtherCalls { get; set; }
}

/// <summary>One entry of module_call_graph.</summary>
/// <param name="Name">Qualified name; a further call's entry ends in @1, @2 ...</param>
/// <param name="Signature">Kept for the root, and for what preserve_module_call_signature names.</param>
internal sealed record ModuleEntry(string Name, ModuleSignature? Signature);

/// <summary>The signature of one module's forward.</summary>
internal sealed class ModuleSignature
{
    public List<ModelValueType> Inputs { get; } = [];

    public List<ModelValueType> Outputs { get; } = [];

    /// <summary>A serialized pytree specification.</summary>
    public string? InSpec { get; set; }

    public string? OutSpec { get; set; }

    public List<string> ArgumentNames { get; } = [];
}

/// <summary>One graph of nodes: the program's, or one that a higher-order operator is handed.</summary>
internal sealed class ProgramGraph
{
    /// <summary>In order; who walks them takes them out, so that what is made of them takes their place.</summary>
    public Queue<ProgramNode> Nodes { get; } = [];

    /// <summary>The values that it is handed, in order.</summary>
    public List<string> Inputs { get; } = [];

    public Dictionary<string, TensorInfo> Tensors { get; } = new(StringComparer.Ordinal);
}

/// <summary>One node.</summary>
internal sealed class ProgramNode
{
    public string? Name { get; set; }

    public string Target { get; set; } = "";

    /// <summary>Names of the values it reads, in order.</summary>
    public string[] Inputs { get; set; } = [];

    public string[] Outputs { get; set; } = [];

    /// <summary>The graphs that it is handed, in order.</summary>
    public ProgramGraph[] Graphs { get; set; } = [];

    /// <summary>How many arguments it is given.</summary>
    public int Arguments { get; set; }

    /// <summary>Its first argument that is a list of numbers; null when it has none.</summary>
    public long[]? Numbers { get; set; }

    /// <summary>Of the arguments that are no values: equal for equal constants within one process.</summary>
    public int Constants { get; set; }

    /// <summary>nn_module_stack; empty where it has none.</summary>
    public ImmutableArray<StackEntry> Stack { get; set; } = [];

    /// <summary>Whether <see cref="Stack"/> is of torch 2.1's form.</summary>
    public bool HasOldStack { get; set; }

    public string? TorchFunction { get; set; }

    /// <summary>Before torch 2.6: what torch_fn tells now.</summary>
    public string? SourceFunctions { get; set; }

    public StackTrace Trace { get; set; } = StackTrace.None;
}
