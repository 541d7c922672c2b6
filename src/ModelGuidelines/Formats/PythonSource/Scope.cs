using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Names of a file, a function call or a class body.</summary>
internal sealed class Scope(SourceModule module, Scope? outer)
{
    public SourceModule Module { get; } = module;

    /// <summary>Where a name is looked for next; a class body is no outer scope of its methods.</summary>
    public Scope? Outer { get; } = outer;

    public Dictionary<string, Value> Names { get; private set; } = new(StringComparer.Ordinal);

    public HashSet<string>? Globals { get; set; }

    public HashSet<string>? Nonlocals { get; set; }

    /// <summary>Values returned so far by the running function.</summary>
    public List<Value> Returned { get; } = [];

    /// <summary>Values yielded so far; null when it is no generator.</summary>
    public SequenceValue? Yielded { get; set; }

    public FunctionValue? Function { get; init; }

    public ClassValue? Class { get; init; }

    /// <summary>First argument of the running method, for super().</summary>
    public Value? Self { get; set; }

    public Dictionary<string, Value> Snapshot() => new(Names, StringComparer.Ordinal);

    public void Restore(Dictionary<string, Value> names) => Names = names;

    public SourceLocation At(int offset) => Module.At(offset);
}

/// <summary>One Python file: its tree, its names, and where it is.</summary>
internal sealed class SourceModule
{
    public SourceModule(PythonFile file, string path, string displayName, string dottedName)
    {
        File = file;
        Path = path;
        DisplayName = displayName;
        DottedName = dottedName;
        Scope = new(this, null);
    }

    public PythonFile File { get; }

    public string Path { get; }

    /// <summary>Relative to the audited file's folder, with forward slashes.</summary>
    public string DisplayName { get; }

    /// <summary>As an import would name it: <c>package.models.resnet</c>.</summary>
    public string DottedName { get; }

    public string Stem => System.IO.Path.GetFileNameWithoutExtension(Path);

    public Scope Scope { get; }

    public bool IsRun { get; set; }

    public SourceLocation At(int offset)
    {
        var (line, column) = File.PositionOf(offset);
        return new(DisplayName, line, column);
    }
}
