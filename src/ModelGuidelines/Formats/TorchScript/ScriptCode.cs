using System.Collections.Immutable;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>What a class of the archive is.</summary>
internal enum ScriptClassKind
{
    Module,
    NamedTuple,
    Enum,
    Other,
}

/// <summary>A class of the archive's code.</summary>
internal sealed class ScriptClass
{
    public ScriptClass(ScriptFile file, ClassDefinition definition, string qualifiedName)
    {
        File = file;
        QualifiedName = qualifiedName;
        Name = ScriptNames.Demangle(qualifiedName);
        Kind = (definition.Arguments is [{ Value: NameExpression b }, ..] ? b.Name : "") switch
        {
            "Module" => ScriptClassKind.Module,
            "NamedTuple" => ScriptClassKind.NamedTuple,
            "Enum" => ScriptClassKind.Enum,
            _ => ScriptClassKind.Other,
        };
        foreach (var statement in definition.Body)
        {
            switch (statement)
            {
                case FunctionDefinition method:
                    Methods.TryAdd(method.Name, method);
                    break;
                case AnnotatedAssignStatement { Target: NameExpression target } field:
                    Fields.TryAdd(target.Name, field.Annotation);
                    if (field.Value is not null)
                    {
                        Constants.TryAdd(target.Name, field.Value);
                    }

                    break;
                case AssignStatement { Targets: [SubscriptExpression { Value: NameExpression { Name: "__annotations__" }, Index: StringExpression key }], Value: var type }:
                    Fields.TryAdd(key.Value, type);
                    break;
                case AssignStatement { Targets: [NameExpression { Name: "__parameters__" or "__buffers__" }], Value: ListExpression list }:
                    Tensors = Tensors.AddRange(list.Elements.OfType<StringExpression>().Select(s => s.Value));
                    break;
            }
        }
    }

    public ScriptFile File { get; }

    /// <summary>As the archive writes it.</summary>
    public string QualifiedName { get; }

    /// <summary>As Python had it.</summary>
    public string Name { get; }

    public ScriptClassKind Kind { get; }

    public Dictionary<string, FunctionDefinition> Methods { get; } = new(StringComparer.Ordinal);

    /// <summary>Attributes and their types, in order.</summary>
    public Dictionary<string, Expression> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>Values of Final attributes.</summary>
    public Dictionary<string, Expression> Constants { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of parameters and buffers.</summary>
    public ImmutableArray<string> Tensors { get; } = [];

    /// <summary>Whether the methods were recorded by tracing; null when nothing tells.</summary>
    public bool? FindIsTraced()
    {
        if (Methods.Count == 0)
        {
            return null;
        }

        foreach (var method in Methods.Values)
        {
            // A trace's ranges hold stacks, a script's hold source text.
            if (File.Ranges.KindWithin(method.Start, method.End) is { } isTrace)
            {
                return isTrace;
            }
        }

        // A scripted call of a module always has a range; a traced one never.
        return File.Ranges.Exist && Methods.Values.Any(m => File.Syntax.TextOf(m).Contains(").forward", StringComparison.Ordinal)) ? true
            : Methods.Keys.Any(n => n != "forward" && ScriptNames.IsForward(n)) || Methods.Values.Any(m => m.Parameters.Any(p => p.Name.StartsWith("argument_", StringComparison.Ordinal))) ? true
            : null;
    }
}

/// <summary>One code file of the archive, parsed, with its source ranges.</summary>
internal sealed class ScriptFile
{
    public ScriptFile(PythonFile syntax, DebugRanges ranges, string module)
    {
        Syntax = syntax;
        Ranges = ranges;
        foreach (var statement in syntax.Statements)
        {
            switch (statement)
            {
                case ClassDefinition definition:
                    Classes.TryAdd(definition.Name, new(this, definition, $"{module}.{definition.Name}"));
                    break;
                case FunctionDefinition function:
                    Functions.TryAdd(function.Name, function);
                    break;
            }
        }
    }

    public PythonFile Syntax { get; }

    public DebugRanges Ranges { get; }

    public Dictionary<string, ScriptClass> Classes { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FunctionDefinition> Functions { get; } = new(StringComparer.Ordinal);
}

/// <summary>The code of an archive, <c>code/**.py</c>: each file is parsed when something in it is first asked for.</summary>
internal sealed class ScriptCode(TorchArchive archive)
{
    private readonly Dictionary<string, ScriptFile?> _files = new(StringComparer.Ordinal);

    /// <summary>The class of that qualified name (<c>__torch__.model.Net</c>), or null.</summary>
    public ScriptClass? FindClass(string qualifiedName) => Split(qualifiedName) is var (file, name) ? file.Classes.GetValueOrDefault(name) : null;

    /// <summary>The function of that qualified name, or null.</summary>
    public (ScriptFile File, FunctionDefinition Function)? FindFunction(string qualifiedName) =>
        Split(qualifiedName) is var (file, name) && file.Functions.TryGetValue(name, out var function) ? (file, function) : null;

    private (ScriptFile File, string Name)? Split(string qualifiedName)
    {
        var dot = qualifiedName.LastIndexOf('.');
        return dot > 0 && FindFile(qualifiedName[..dot]) is { } file ? (file, qualifiedName[(dot + 1)..]) : null;
    }

    private ScriptFile? FindFile(string module)
    {
        if (_files.TryGetValue(module, out var known))
        {
            return known;
        }

        var name = $"code/{module.Replace('.', '/')}.py";
        ScriptFile? file = null;
        if (archive.Read(name) is { } bytes)
        {
            var syntax = PythonParser.ParseScript(bytes.Span, archive.Budget);
            if (syntax.Errors is [var error, ..])
            {
                var (line, _) = syntax.PositionOf(error.Offset);
                throw new ModelReadException("MG.TorchScript.Code", $"the code '{name}' cannot be read: line {line}: {error.Message}");
            }

            file = new(syntax, DebugRanges.Read(archive, name, bytes.Span, syntax.Text), module);
        }

        _files.Add(module, file);
        return file;
    }
}
