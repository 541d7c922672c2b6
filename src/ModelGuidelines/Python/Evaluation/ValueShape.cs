using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>All that code can see of a model: what it holds, in order, which of it is one object, and its numbers apart. Two models of one form in which every number is equal that somebody
/// asked for while one of them was followed run the same code.</summary>
/// <remarks>What cannot be compared (a graph under construction, a structure without end) has no form: it is like nothing.</remarks>
internal sealed class ValueShape
{
    private const int MaxDepth = 200;
    private const int MaxParts = 400_000;
    private readonly Dictionary<object, int> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly StringBuilder _text = new();
    private readonly List<ConstantValue> _numbers = [];
    private int _parts;
    private bool _isComparable = true;
    private bool[] _decides = [];

    private ValueShape()
    {
    }

    /// <summary>Equal for models that differ in numbers alone; null for what is like nothing.</summary>
    public string? Form { get; private set; }

    public static ValueShape Of(Value value)
    {
        var shape = new ValueShape();
        shape.Add(value, 0);
        shape._seen.Clear();
        shape._seen.TrimExcess();
        shape.Form = shape._isComparable ? Hash(shape._text) : null;
        shape._text.Clear();
        shape._text.Capacity = 0;
        return shape;
    }

    /// <summary>Whether it is another's like, number for number.</summary>
    public bool IsEqual(ValueShape other) => Form is not null && Form == other.Form && _numbers.Zip(other._numbers).All(p => Equals(p.First.Peek, p.Second.Peek));

    /// <summary>From here on it is noted which numbers are asked for.</summary>
    public void Watch() => _numbers.ForEach(n => n.Decides = false);

    /// <summary>What was asked for since <see cref="Watch"/> is what a like model must agree in.</summary>
    public void Settle() => _decides = [.. _numbers.Select(n => n.Decides)];

    /// <summary>Whether another model runs as this one did, which was followed.</summary>
    public bool RunsAs(ValueShape other)
    {
        if (Form is null || Form != other.Form)
        {
            return false;
        }

        for (var i = 0; i < _decides.Length; i++)
        {
            if (_decides[i] && !Equals(_numbers[i].Peek, other._numbers[i].Peek))
            {
                return false;
            }
        }

        return true;
    }

    private static string Hash(StringBuilder text)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var chunk in text.GetChunks())
        {
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(chunk.Span));
        }

        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>Whether an object is new here; one that was met is named by its number.</summary>
    private bool IsNew(object part, char kind)
    {
        if (_seen.TryGetValue(part, out var number))
        {
            _text.Append('@').Append(number);
            return false;
        }

        _seen.Add(part, _seen.Count);
        _text.Append(kind);
        return true;
    }

    private void Text(string text) => _text.Append(text.Length).Append('"').Append(text);

    private void Node(SourceModule module, PythonNode node) => Text(string.Create(CultureInfo.InvariantCulture, $"{module.DottedName}:{node.Start}"));

    private void Add(Value? value, int depth)
    {
        _isComparable &= depth < MaxDepth && ++_parts < MaxParts;
        if (!_isComparable)
        {
            return;
        }

        depth++;
        switch (value)
        {
            case null:
                _text.Append('-');
                break;
            case ConstantValue c:
                Constant(c);
                break;
            case MissingValue:
                _text.Append('!');
                break;
            case ExternalValue e:
                Text(e.Name);
                break;
            case NamespaceValue n:
                Text(n.Module.DottedName);
                break;
            case ImportedValue i:
                Text(i.Dotted + ':' + i.Name);
                break;
            case ObjectValue o when IsNew(o, 'O'):
                Object(o, depth);
                break;
            case SequenceValue s when IsNew(s, 'S'):
                _text.Append((int)s.Kind).Append('(');
                Add(s.Items, depth);
                Add(s.Rest, depth);
                break;
            case DictValue d when IsNew(d, 'D'):
                Add(d.Entries.Select(e => e.Key), depth);
                Add(d.Entries.Select(e => e.Value), depth);
                Add(d.Rest, depth);
                Add(d.Factory, depth);
                break;
            case ChoiceValue c when IsNew(c, 'C'):
                foreach (var (when, option) in c.Options)
                {
                    Add(when, depth);
                    Add(option, depth);
                }

                break;
            case SliceValue s:
                Add([s.Lower, s.Upper, s.Step], depth);
                break;
            case UnknownValue u when IsNew(u, 'U'):
                Text(u.Text);
                _text.Append((int)u.Kind).Append(u.MayBeTensor ? 't' : ' ').Append(u.MayBeModule ? 'm' : ' ').Append(u.IsFromCaller ? 'c' : ' ').Append(u.IsCount ? '#' : ' ').Append(u.Type).Append(CultureInfo.InvariantCulture, $"{u.Usual:R}x{u.MultipleOf?.Times}");
                Add([u.Settings, u.MultipleOf?.Of], depth);
                Named(u.Attributes ?? [], depth);
                break;
            case ClassValue c when IsNew(c, 'T'):
                Node(c.Module, c.Definition);
                Add(c.Bases, depth);
                Named(c.Members, depth);
                break;
            case FunctionValue f when IsNew(f, 'F'):
                Node(f.Closure.Module, f.Node);
                Add(f.Defaults, depth);
                Add(f.Closure, depth);
                Named(f.Attributes?.All.Select(a => KeyValuePair.Create(a.Name, a.Value)) ?? [], depth);
                break;
            case BoundValue b when IsNew(b, 'B'):
                Add([b.Self, b.Function], depth);
                break;
            case MethodValue m when IsNew(m, 'M'):
                Text(m.Name);
                Add(m.Receiver, depth);
                break;
            case WrappedMethod w when IsNew(w, 'W'):
                Text(w.Kind);
                Add([w.Function, w.Setter], depth);
                break;
            case PartialValue p when IsNew(p, 'P'):
                Add(p.Function, depth);
                Add(p.Arguments, depth);
                break;
            case FieldFactory f:
                _text.Append('f');
                Add(f.Function, depth);
                break;
            case SuperValue s when IsNew(s, 'Z'):
                Add([s.Owner, s.Self], depth);
                break;
            case InputValue or GraphTensor:
                _isComparable = false;
                break;
            case TensorValue t when IsNew(t, t is ParameterValue ? 'p' : 't'):
                Add(t switch { NumbersValue n => n.Numbers, NumberTensorValue n => [n.Number], _ => [] }, depth);
                Add(t.Shape?.Sizes ?? [], depth);
                break;
            default:
                _isComparable &= _seen.ContainsKey(value);
                break;
        }
    }

    private void Constant(ConstantValue c)
    {
        if (c.IsNumber)
        {
            if (IsNew(c, c.Peek is long ? 'i' : 'd'))
            {
                _numbers.Add(c);
                _text.Append(c.IsOpen ? '+' : ' ');
            }
        }
        else if (c.Peek is string text)
        {
            Text(text);
        }
        else
        {
            _text.Append(c.Peek switch { null => 'N', true => 'Y', false => 'X', _ => '.' });
        }
    }

    private void Object(ObjectValue o, int depth)
    {
        _isComparable &= o.Graph is null;
        Text(o.ExternalType ?? "");
        Text(o.LayerName ?? "");
        _text.Append((int)o.Kind).Append(o.IsAnyElement ? '*' : ' ');
        Add([o.Class, o.StandsFor, o.SlicedFrom, o.Doubt], depth);
        for (var i = 0; i < o.Attributes.Count; i++)
        {
            Text(o.Attributes[i].Name);
            Add(o.Attributes[i].Value, depth);
        }

        _text.Append('}');
        Add(o.ConstructedWith, depth);
    }

    private void Add(IEnumerable<Value?> values, int depth)
    {
        foreach (var value in values)
        {
            Add(value, depth);
        }

        _text.Append(')');
    }

    private void Named(IEnumerable<KeyValuePair<string, Value>> values, int depth)
    {
        foreach (var (name, value) in values)
        {
            Text(name);
            Add(value, depth);
        }

        _text.Append('}');
    }

    private void Add(CallArguments? arguments, int depth)
    {
        if (arguments is not null)
        {
            Add(arguments.Positional, depth);
            foreach (var (name, value) in arguments.Named)
            {
                Text(name);
                Add(value, depth);
            }

            _text.Append('}');
            Add([arguments.Rest, arguments.NamedRest], depth);
        }
    }

    /// <summary>What a function sees around it, but for the names of its file.</summary>
    private void Add(Scope scope, int depth)
    {
        for (Scope? s = scope; s is { Outer: not null } && _isComparable; s = s.Outer)
        {
            if (!IsNew(s, 'L'))
            {
                break;
            }

            // A class body's names are its members.
            if (s.Class is null)
            {
                Named(s.Names, depth);
            }
        }
    }

    private void Add(Condition condition, int depth)
    {
        _isComparable &= depth < MaxDepth && ++_parts < MaxParts;
        if (!_isComparable || condition.Atom is not { } atom)
        {
            _text.Append(condition.IsAlways ? '1' : '0');
        }
        else if (IsNew(condition, '?'))
        {
            if (IsNew(atom, 'a'))
            {
                Text(atom.Text);
            }

            Add(condition.High!, depth + 1);
            Add(condition.Low!, depth + 1);
        }
    }
}
