using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Looking at a value.</content>
internal sealed partial class ValueShape
{
    /// <summary>Walks what a value holds and writes it, as marks, numbers and texts of which each tells where it ends, into a hash: what is written is nowhere kept.</summary>
    private sealed class Look : IDisposable
    {
        private const int MaxDepth = 200;
        private const int MaxParts = 400_000;
        private readonly Dictionary<object, int> _seen = new(512, ReferenceEqualityComparer.Instance);
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(16_384);
        private int _written;
        private int _parts;
        private bool _isComparable = true;

        public List<ConstantValue> Numbers { get; } = [];

        public string? FormOf(Value value)
        {
            Add(value, 0);
            if (!_isComparable)
            {
                return null;
            }

            Flush();
            return Convert.ToBase64String(_hash.GetHashAndReset());
        }

        public void Dispose()
        {
            _hash.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        private void Flush()
        {
            _hash.AppendData(_buffer, 0, _written);
            _written = 0;
        }

        private Span<byte> Next(int count)
        {
            if (_written + count > _buffer.Length)
            {
                Flush();
            }

            var next = _buffer.AsSpan(_written, count);
            _written += count;
            return next;
        }

        private void Mark(char mark) => Next(1)[0] = (byte)mark;

        private void Number(int number) => Number(1, number);

        private void Number(byte mark, int number)
        {
            var next = Next(5);
            next[0] = mark;
            BinaryPrimitives.WriteInt32LittleEndian(next[1..], number);
        }

        private void Text(string text)
        {
            Number(2, text.Length);
            var bytes = MemoryMarshal.AsBytes(text.AsSpan());
            if (bytes.Length <= 1024)
            {
                bytes.CopyTo(Next(bytes.Length));
            }
            else
            {
                Flush();
                _hash.AppendData(bytes);
            }
        }

        /// <summary>Whether an object is new here; one that was met is named by its number.</summary>
        private bool IsNew(object part, char kind)
        {
            if (_seen.TryGetValue(part, out var number))
            {
                Mark('@');
                Number(number);
                return false;
            }

            _seen.Add(part, _seen.Count);
            Mark(kind);
            return true;
        }

        private void Node(SourceModule module, PythonNode node)
        {
            Text(module.DottedName);
            Number(node.Start);
        }

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
                    Mark('-');
                    break;
                case ConstantValue c:
                    Constant(c);
                    break;
                case MissingValue:
                    Mark('!');
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
                    Number((int)s.Kind);
                    Items(s.Items, depth);
                    Add(s.Rest, depth);
                    break;
                case DictValue d when IsNew(d, 'D'):
                    Entries(d.Entries, depth);
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
                    All([s.Lower, s.Upper, s.Step], depth);
                    break;
                case UnknownValue u when IsNew(u, 'U'):
                    Text(u.Text);
                    Number((int)u.Kind);
                    Text(string.Create(CultureInfo.InvariantCulture, $"{(u.MayBeTensor ? 't' : ' ')}{(u.MayBeModule ? 'm' : ' ')}{(u.IsFromCaller ? 'c' : ' ')}{(u.IsCount ? '#' : ' ')}{u.Type}{u.Usual:R}x{u.MultipleOf?.Times}"));
                    All([u.Settings, u.MultipleOf?.Of], depth);
                    Named(u.Attributes, depth);
                    break;
                case ClassValue c when IsNew(c, 'T'):
                    Node(c.Module, c.Definition);
                    All([.. c.Bases], depth);
                    Named(c.Members, depth);
                    break;
                case FunctionValue f when IsNew(f, 'F'):
                    Node(f.Closure.Module, f.Node);
                    All(f.Defaults, depth);
                    Add(f.Closure, depth);
                    Named(f.Attributes, depth);
                    break;
                case BoundValue b when IsNew(b, 'B'):
                    All([b.Self, b.Function], depth);
                    break;
                case MethodValue m when IsNew(m, 'M'):
                    Text(m.Name);
                    Add(m.Receiver, depth);
                    break;
                case WrappedMethod w when IsNew(w, 'W'):
                    Text(w.Kind);
                    All([w.Function, w.Setter], depth);
                    break;
                case PartialValue p when IsNew(p, 'P'):
                    Add(p.Function, depth);
                    Add(p.Arguments, depth);
                    break;
                case FieldValue f:
                    Mark('f');
                    All([f.Default, f.Factory], depth);
                    break;
                case SuperValue s when IsNew(s, 'Z'):
                    All([s.Owner, s.Self], depth);
                    break;
                case InputValue or GraphTensor:
                    _isComparable = false;
                    break;
                case TensorValue t when IsNew(t, t is ParameterValue ? 'p' : 't'):
                    All([.. t switch { NumbersValue n => n.Numbers, NumberTensorValue n => [n.Number], _ => [] }], depth);
                    All([.. t.Shape?.Sizes ?? []], depth);
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
                    Numbers.Add(c);
                    Mark(c.IsOpen ? '+' : ' ');
                }
            }
            else if (c.Peek is string text)
            {
                Text(text);
            }
            else
            {
                Mark(c.Peek switch { null => 'N', true => 'Y', false => 'X', _ => '.' });
            }
        }

        private void Object(ObjectValue o, int depth)
        {
            _isComparable &= o.Graph is null;
            Text(o.ExternalType ?? "");
            Text(o.LayerName ?? "");
            Number((int)o.Kind);
            Mark(o.IsAnyElement ? '*' : ' ');
            All([o.Class, o.StandsFor, o.SlicedFrom, o.Doubt], depth);
            Named(o.Attributes, depth);
            Add(o.ConstructedWith, depth);
        }

        /// <summary>By a number that is a key, entries are found that nobody compared with it.</summary>
        private void Key(Value key, int depth)
        {
            if (key is ConstantValue { Peek: long or double or bool } number)
            {
                Text(string.Create(CultureInfo.InvariantCulture, $"{number.Peek}"));
            }
            else if (key is SequenceValue tuple && depth < MaxDepth)
            {
                tuple.Items.ForEach(i => Key(i, depth + 1));
            }
        }

        // Every part of every model comes by here: what is written as a few values is no object, and lists are walked as what they are.
        private void All(ReadOnlySpan<Value?> values, int depth)
        {
            foreach (var value in values)
            {
                Add(value, depth);
            }

            Mark(')');
        }

        private void Items(List<Value> values, int depth)
        {
            foreach (var value in values)
            {
                Add(value, depth);
            }

            Mark(')');
        }

        private void Entries(List<(Value Key, Value Value)> entries, int depth)
        {
            foreach (var (key, _) in entries)
            {
                Key(key, depth);
            }

            foreach (var (key, _) in entries)
            {
                Add(key, depth);
            }

            Mark(')');
            foreach (var (_, value) in entries)
            {
                Add(value, depth);
            }

            Mark(')');
        }

        private void Named(Dictionary<string, Value>? values, int depth)
        {
            foreach (var (name, value) in values ?? [])
            {
                Text(name);
                Add(value, depth);
            }

            Mark('}');
        }

        private void Named(OrderedAttributes? values, int depth)
        {
            for (var i = 0; i < (values?.Count ?? 0); i++)
            {
                var (name, value) = values![i];
                Text(name);
                Add(value, depth);
            }

            Mark('}');
        }

        private void Add(CallArguments? arguments, int depth)
        {
            if (arguments is not null)
            {
                Items(arguments.Positional, depth);
                foreach (var (name, value) in arguments.Named)
                {
                    Text(name);
                    Add(value, depth);
                }

                Mark('}');
                All([arguments.Rest, arguments.NamedRest], depth);
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
                Mark(condition.IsAlways ? '1' : '0');
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
}
