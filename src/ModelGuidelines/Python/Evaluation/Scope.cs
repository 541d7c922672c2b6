using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Names of a file, a function call or a class body.</summary>
/// <param name="module">The file.</param>
/// <param name="outer">Where a name is looked for next.</param>
/// <param name="names">About how many names there will be.</param>
internal sealed class Scope(SourceModule module, Scope? outer, int names = 0)
{
    public SourceModule Module { get; } = module;

    /// <summary>Where a name is looked for next; a class body is no outer scope of its methods.</summary>
    public Scope? Outer { get; } = outer;

    public Dictionary<string, Value> Names { get; } = new(names, StringComparer.Ordinal);

    public HashSet<string>? Globals { get; set; }

    public HashSet<string>? Nonlocals { get; set; }

    /// <summary>Values returned so far by the running function, each with the condition under which it was.</summary>
    public List<(Condition When, Value Value)>? Returned { get; set; }

    /// <summary>Values yielded so far; null when it is no generator.</summary>
    public SequenceValue? Yielded { get; set; }

    /// <summary>What runs where a generator yields that is a context manager.</summary>
    public Action<Value>? AtYield { get; set; }

    public FunctionValue? Function { get; init; }

    public ClassValue? Class { get; init; }

    /// <summary>First argument of the running method, for super().</summary>
    public Value? Self { get; set; }

    /// <summary>What a tracer would have in names, where an assignment says so.</summary>
    public Dictionary<string, Traced>? TracedNames { get; set; }

    /// <summary>The same of what the running function returned so far.</summary>
    public Traced? TracedReturn { get; set; }

    public Place At(int offset) => new(Module, offset);
}
