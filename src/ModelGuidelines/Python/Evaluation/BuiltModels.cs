using System.Globalization;
using System.Text;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Models of one file that were built before. Where a constructor is called with what one of them was given, that one stands for what it would build:
/// many functions build one model with other weights.</summary>
/// <remarks>Alike are equal constants, functions and classes, and collections and plain objects of like things. Numbers that differ are never alike: code may ask for them (<c>if depth > 4</c>).
/// What holds a module or something unknown is like nothing.</remarks>
/// <param name="module">The file.</param>
/// <param name="changes">How often anything was changed (<see cref="Flow.Journal.Changes"/>).</param>
internal sealed class BuiltModels(SourceModule module, Func<long> changes)
{
    private const int MaxKey = 20_000;
    private readonly Dictionary<string, Entry> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<ClassValue, Entry> _first = [];
    private readonly List<string> _added = [];
    private readonly List<Entry> _used = [];

    /// <param name="Model">What stands for it.</param>
    /// <param name="Built">When its constructor ended, by the changes until then.</param>
    private sealed record Entry(ObjectValue Model, long Built)
    {
        /// <summary>What it looks like where nobody has changed it; null until somebody asks.</summary>
        public ValueShape? Own { get; init; }

        /// <summary>What the model looks like for which it stands.</summary>
        public ValueShape? Shape { get; init; }
    }

    /// <summary>Whether one was used since <see cref="Begin"/>.</summary>
    public bool IsUsed => _used.Count > 0;

    public void Begin()
    {
        Depth = 0;
        _used.Clear();
    }

    /// <summary>How many constructors are running: what stands within a model is built with it.</summary>
    public int Depth { get; set; }

    /// <summary>What names a model that is about to be built; null when it is none of the file's, or is like nothing.</summary>
    public string? KeyOf(ClassValue type, CallArguments arguments)
    {
        if (type.Kind is not ClassKind.TorchModule || type.Module != module || arguments.HasUnknown)
        {
            return null;
        }

        var key = new Key();
        key.Text.Append(type.Name).Append('@').Append(type.Definition.Start);
        return key.Add(arguments, 0) ? key.Text.ToString() : null;
    }

    public ObjectValue? Use(string key)
    {
        if (!_models.TryGetValue(key, out var entry) || Looked(key, entry, null) is not { } looked)
        {
            return null;
        }

        _used.Add(looked);
        return entry.Model;
    }

    public void Add(string key, ObjectValue model)
    {
        if (_models.TryAdd(key, new(model, changes())))
        {
            _added.Add(key);
        }
    }

    /// <summary>An entry with what its model looks like; null, and no entry any more, where it is like nothing, or something was changed since it was built, which may be the model.</summary>
    private Entry? Looked(string key, Entry entry, ValueShape? look)
    {
        if (entry.Own is null)
        {
            var own = entry.Built == changes() ? look ?? ValueShape.Of(entry.Model) : null;
            if (own?.Form is null)
            {
                _models.Remove(key);
                return null;
            }

            _models[key] = entry = entry with { Own = own, Shape = own };
        }

        return entry;
    }

    /// <summary>What models look like of which each is one that was used and is as it was; null where that cannot be said of all.</summary>
    public List<ValueShape>? Shapes(IReadOnlyList<ObjectValue> models)
    {
        var result = new List<ValueShape>();
        foreach (var model in models)
        {
            var standing = _used.Where(e => e.Model == model).Distinct().ToList();
            if (standing is not [{ Own: { } own, Shape: { } shape }] || !own.IsEqual(ValueShape.Of(model)))
            {
                return null;
            }

            result.Add(shape);
        }

        return result;
    }

    /// <summary>What was added since the last call stays where nobody changed it behind its constructor, or is known to be nothing new: then the first model of its class stands for it, and it is forgotten.</summary>
    /// <param name="isNew">Whether it is.</param>
    /// <param name="looks">What models look like now, where somebody has looked.</param>
    public void Settle(bool isNew, IReadOnlyDictionary<ObjectValue, ValueShape> looks)
    {
        foreach (var key in _added)
        {
            if (!_models.TryGetValue(key, out var entry))
            {
                continue;
            }

            var look = looks.GetValueOrDefault(entry.Model);
            if (Looked(key, entry, look) is not { } looked)
            {
                continue;
            }

            if (entry.Own is not null && !entry.Own.IsEqual(look ?? ValueShape.Of(entry.Model)))
            {
                _models.Remove(key);
            }
            else if (!_first.TryAdd(entry.Model.Class!, looked) && !isNew)
            {
                _models[key] = _first[entry.Model.Class!] with { Shape = looked.Shape };
            }
        }

        _added.Clear();
    }

    /// <summary>Something changed that constructors may read: what was built before is like nothing that is built now.</summary>
    public void Clear() => _models.Clear();

    private sealed class Key
    {
        public StringBuilder Text { get; } = new();

        public bool Add(CallArguments arguments, int depth) =>
            arguments.Positional.TrueForAll(v => Add("", v, depth + 1)) && arguments.Named.OrderBy(n => n.Name, StringComparer.Ordinal).All(n => Add(n.Name + "=", n.Value, depth + 1));

        private bool Add(string name, Value value, int depth)
        {
            Text.Append(';').Append(name);
            return Add(value, depth);
        }

        private bool Add(Value value, int depth)
        {
            if (depth > 12 || Text.Length > MaxKey)
            {
                return false;
            }

            switch (value)
            {
                case ConstantValue { IsOpen: true }:
                    return false;
                case ConstantValue { Raw: long number }:
                    Text.Append(number);
                    return true;
                case ConstantValue { Raw: double number }:
                    Text.Append(CultureInfo.InvariantCulture, $"{number:R}f");
                    return true;
                case ConstantValue { Peek: string s }:
                    Text.Append(s.Length).Append('"').Append(s);
                    return true;
                case ConstantValue c:
                    Text.Append(c.Raw switch { null => "None", bool b => b ? "True" : "False", _ => "..." });
                    return true;
                case ExternalValue e:
                    Text.Append(e.Name);
                    return true;
                case ClassValue c:
                    return Add(c.Module, c.Definition);
                case FunctionValue { Closure.Outer: null } f:
                    return Add(f.Closure.Module, f.Node);
                case PartialValue p:
                    Text.Append("partial(");
                    return Add(p.Function, depth + 1) && Add(p.Arguments, depth + 1) && !p.Arguments.HasUnknown && Close();
                case SequenceValue { Rest: null } s:
                    Text.Append(s.Kind).Append('(');
                    return s.Items.TrueForAll(i => Text.Append(',') is not null && Add(i, depth + 1)) && Close();
                case DictValue { Rest: null, Factory: null } d:
                    Text.Append('{');
                    return d.Entries.TrueForAll(e => Add(e.Key, depth + 1) && Text.Append(':') is not null && Add(e.Value, depth + 1)) && Close();
                case ObjectValue { IsModule: false, Class: { } type, Doubt: null } o:
                    return Add(type.Module, type.Definition) && Text.Append('(') is not null && o.Attributes.All.All(a => Text.Append(',').Append(a.Name).Append('=') is not null && Add(a.Value, depth + 1)) && Close();
                default:
                    return false;
            }
        }

        private bool Close()
        {
            Text.Append(')');
            return true;
        }

        private bool Add(SourceModule of, PythonNode node)
        {
            Text.Append(of.DottedName).Append('@').Append(node.Start);
            return true;
        }
    }
}
