using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Imports: a file is run when a name of it is needed.</content>
internal sealed partial class Evaluator
{
    private void Import(ImportStatement s, Scope scope)
    {
        foreach (var name in s.Names)
        {
            if (name.Alias is not null)
            {
                SetName(name.Alias, Imported(name.Name, scope), scope);
            }
            else
            {
                var first = name.Name.Split('.')[0];
                SetName(first, Imported(first, scope), scope);
            }
        }
    }

    /// <summary>A file of the project, else something of a library.</summary>
    private Value Imported(string dotted, Scope scope)
    {
        if (_project.Find(dotted, scope.Module) is { } module)
        {
            return new NamespaceValue(module);
        }

        NoteMissing(dotted);
        return new ExternalValue(dotted);
    }

    private void NoteMissing(string dotted)
    {
        if (!Libraries.Knows(dotted.Split('.')[0]))
        {
            _missingImports ??= dotted.Split('.')[0];
        }
    }

    private UnknownValue InstalledSymbol(string name)
    {
        if (!_installed.TryGetValue(name, out var symbol))
        {
            _installed[name] = symbol = new(name, $"whether {name} is installed is not known", default);
        }

        return symbol;
    }

    private void Import(ImportFromStatement s, Scope scope)
    {
        var dotted = _project.Imported(scope.Module, s);
        foreach (var name in s.Names)
        {
            if (name.Name == "*")
            {
                if (dotted is not null)
                {
                    scope.Module.StarImports.Remove(dotted); // the last one counts, however often it runs
                    scope.Module.StarImports.Insert(0, dotted);
                }

                continue;
            }

            var value = dotted is null ? Unknown(name.Name, "a relative import leads out of the package", scope.At(name.Start))
                : _project.Has(dotted, scope.Module) || dotted.Length == 0 ? new ImportedValue(dotted, name.Name)
                : ImportedFrom(dotted, name.Name, scope.Module);
            SetName(name.Alias ?? name.Name, value, scope);
        }
    }

    /// <summary>A name of a file, run when the name is needed.</summary>
    private Value ImportedFrom(string dotted, string name, SourceModule from)
    {
        if (_project.Find(dotted, from) is { } module)
        {
            if (ModuleName(module, name) is { } value)
            {
                return value;
            }
        }
        else
        {
            NoteMissing(dotted);
        }

        var full = dotted.Length == 0 ? name : $"{dotted}.{name}";
        if (_project.Find(full, from) is { } file)
        {
            return new NamespaceValue(file);
        }

        return new ExternalValue(full);
    }

    /// <summary>What a name means in a file; null when it has none.</summary>
    private Value? ModuleName(SourceModule module, string name, HashSet<SourceModule>? asked = null)
    {
        Run(module);
        if (module.Scope.Names.TryGetValue(name, out var value))
        {
            if (asked is not null && value is ImportedValue { IsRunning: true })
            {
                return null; // what this file is asking for is not had from it
            }

            return Resolve(value, name, module.Scope);
        }

        return FromStar(module, name, asked) ?? FromOwnGetter(module, name);
    }

    private readonly HashSet<(SourceModule, string)> _gotten = [];

    /// <summary>What a file's own <c>__getattr__</c> gives for a name that its text names: packages that import their parts late have one.</summary>
    private Value? FromOwnGetter(SourceModule module, string name)
    {
        if (!module.Scope.Names.TryGetValue("__getattr__", out var get) || Here(get) is not FunctionValue getter || !FileWords.Makes(module.File.Text, name) || !_gotten.Add((module, name)))
        {
            return null;
        }

        var before = Now;
        var given = Call(getter, CallArguments.Of(ConstantValue.Of(name)), new(module, getter.Node.Start));
        _gotten.Remove((module, name));
        if (!Now.IsNever)
        {
            return given;
        }

        Now = before; // it raises: there is no such name
        return null;
    }

    private const int MaxStars = 100;

    /// <param name="module">Whose imports with a star are asked.</param>
    /// <param name="name">What is sought.</param>
    /// <param name="asked">Files that were asked for it: one that was has no other answer the second time, and files that all import everything from each other are each asked once.</param>
    private Value? FromStar(SourceModule module, string name, HashSet<SourceModule>? asked = null)
    {
        if (module.StarImports.Count == 0 || _starDepth > MaxStars || !(asked ??= []).Add(module))
        {
            return null;
        }

        _starDepth++;
        try
        {
            return InStars(module, name, asked);
        }
        finally
        {
            _starDepth--;
        }
    }

    private Value? InStars(SourceModule module, string name, HashSet<SourceModule> asked)
    {
        Value? found = null;
        bool? isBuiltin = null;
        foreach (var dotted in module.StarImports)
        {
            if (_project.Find(dotted, module) is { } other)
            {
                if (!ReferenceEquals(other, module) && MayExport(other, name) && Exported(other, name, asked) is { } value)
                {
                    return value;
                }
            }
            else if (name.StartsWith('_'))
            {
                continue;
            }
            else if (isBuiltin ??= IsBuiltin(name))
            {
                // Of a library whose names are not all listed any may be one; Python's own are the library's where its table has them.
                if (Libraries.Has($"{dotted}.{name}") is true)
                {
                    return new ExternalValue($"{dotted}.{name}");
                }
            }
            else if (Libraries.Row($"{dotted}.{name}") is not null || Libraries.Class($"{dotted}.{name}") is not null)
            {
                if (Libraries.Has($"{dotted}.{name}") is true)
                {
                    return new ExternalValue($"{dotted}.{name}");
                }

                // A library that takes any name for one of its own need not have this one: a file that is read and has it, does.
                found ??= new ExternalValue($"{dotted}.{name}");
            }
            else if (!Libraries.Knows(dotted.Split('.')[0]))
            {
                found ??= new ExternalValue($"{dotted}.{name}");
            }
        }

        return found;
    }

    private int _starDepth;

    /// <summary>Whether a star import of a file may give a name, by what is seen without running it.</summary>
    private static bool MayExport(SourceModule module, string name) =>
        (module.StarImports.Count > 0 || !module.IsRun || module.Scope.Names.ContainsKey(name) || module.Scope.Names.ContainsKey(Exports))
        && (module.IsRun || module.File.Text.Contains(name, StringComparison.Ordinal) || module.File.Text.Contains("import *", StringComparison.Ordinal))
        && (!name.StartsWith('_') || module.File.Text.Contains(Exports, StringComparison.Ordinal));

    private const string Exports = "__all__";

    /// <summary>What a star import of a file gives for a name: the names of its <c>__all__</c>, files of a package among them; without one, or where it cannot be told, those without an underscore.</summary>
    private Value? Exported(SourceModule module, string name, HashSet<SourceModule> asked)
    {
        Run(module);
        var listed = module.Scope.Names.TryGetValue(Exports, out var all) && Here(Resolve(all, Exports, module.Scope)) is SequenceValue { Rest: null } names && names.Items.TrueForAll(n => n is ConstantValue { Peek: string })
            ? names.Items.Exists(n => n is ConstantValue { Peek: string text } && text == name) : (bool?)null;
        return listed ?? !name.StartsWith('_') ? ModuleName(module, name, asked) ?? (listed is true && _project.Find($"{module.DottedName}.{name}", module) is { } file ? new NamespaceValue(file) : null) : null;
    }

    /// <summary>What an import stands for, looked up when it is first needed.</summary>
    private Value Resolve(Value value, string name, Scope scope)
    {
        if (value is not ImportedValue imported)
        {
            if (value is ChoiceValue choice && choice.Options.Any(o => o.Value is ImportedValue))
            {
                value = Choices.Join(choice.Options.Select(o => (o.When, o.Value is ImportedValue ? Resolve(o.Value, "", scope) : o.Value)));
                if (name.Length > 0)
                {
                    scope.Names[name] = value;
                }
            }

            return value;
        }

        if (imported.IsRunning)
        {
            // A cycle through a package's __init__: what the other file does not have yet is sought as a file.
            return _project.Find($"{imported.Dotted}.{imported.Name}", scope.Module) is { } file ? new NamespaceValue(file) : new ExternalValue($"{imported.Dotted}.{imported.Name}");
        }

        imported.IsRunning = true;
        var result = ImportedFrom(imported.Dotted, imported.Name, scope.Module);
        imported.IsRunning = false;
        if (name.Length > 0)
        {
            scope.Names[name] = result;
        }

        return result;
    }
}

/// <summary>A name imported from a file, not looked up yet.</summary>
internal sealed class ImportedValue(string dotted, string name) : Value
{
    public string Dotted { get; } = dotted;

    public string Name { get; } = name;

    public bool IsRunning { get; set; }
}
