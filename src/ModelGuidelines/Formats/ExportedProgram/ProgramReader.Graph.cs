using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Graphs, nodes and their arguments.</summary>
internal sealed partial class ProgramReader
{
    private ModuleStack? _stacks;
    private readonly StackTraces _traces = new();

    /// <summary>What the arguments at hand name; empty between them.</summary>
    private readonly List<string> _values = [];

    private bool _hasFurtherCalls;
    private int _nodes;

    private void ReadGraph(ref JsonTokens reader, string name, ProgramGraph graph)
    {
        switch (name)
        {
            case "nodes":
                Array(ref reader, graph, static (ProgramReader self, ref JsonTokens r, ProgramGraph g) => self.ReadNode(ref r, g));
                break;
            case "inputs":
                graph.Inputs.AddRange(ReadValues(ref reader, new()));
                break;
            case "tensor_values" when includeValues:
                Object(ref reader, graph, static (ProgramReader self, ref JsonTokens r, string value, ProgramGraph g) => g.Tensors[value] = self.ReadTensor(ref r, value));
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private void ReadNode(ref JsonTokens reader, ProgramGraph graph)
    {
        if (++_nodes > limits.Items)
        {
            throw new ModelReadException("MG.ExportedProgram.TooManyNodes", $"the program has more than {limits.Items} nodes", reader.TokenStartIndex);
        }

        var node = new ProgramNode();
        Object(ref reader, node, static (ProgramReader self, ref JsonTokens r, string n, ProgramNode target) =>
        {
            switch (n)
            {
                case "name":
                    target.Name = self.Text(ref r);
                    break;
                case "target":
                    target.Target = self.Text(ref r) ?? "";
                    break;
                case "inputs":
                    var start = self._values.Count;
                    self.Array(ref r, target, static (ProgramReader s, ref JsonTokens r2, ProgramNode t) =>
                        s.Object(ref r2, t, static (ProgramReader s2, ref JsonTokens r3, string n3, ProgramNode t3) =>
                        {
                            if (n3 == "arg")
                            {
                                t3.Arguments++;
                                s2.ReadArgument(ref r3, t3);
                            }
                            else
                            {
                                r3.Skip();
                            }
                        }));
                    target.Inputs = self.TakeValues(start);
                    break;
                case "outputs":
                    target.Outputs = self.ReadValues(ref r, new());
                    break;
                case "metadata":
                    self.Object(ref r, target, static (ProgramReader s, ref JsonTokens r2, string n2, ProgramNode t) => s.ReadMetadata(ref r2, n2, t));
                    break;
                default:
                    r.Skip();
                    break;
            }
        });
        graph.Nodes.Enqueue(node);
    }

    /// <summary>The values that a list of arguments names.</summary>
    private string[] ReadValues(ref JsonTokens reader, ProgramNode node)
    {
        var start = _values.Count;
        Array(ref reader, node, static (ProgramReader self, ref JsonTokens r, ProgramNode n) => self.ReadArgument(ref r, n));
        return TakeValues(start);
    }

    private string[] TakeValues(int start)
    {
        string[] values = start == _values.Count ? [] : [.. _values[start..]];
        _values.RemoveRange(start, _values.Count - start);
        return values;
    }

    private void ReadMetadata(ref JsonTokens reader, string name, ProgramNode node)
    {
        switch (name)
        {
            case "nn_module_stack":
                ReadStack(ref reader, node);
                break;
            case "torch_fn":
                node.TorchFunction = Text(ref reader);
                break;
            case "source_fn_stack" or "source_fn":
                node.SourceFunctions = Text(ref reader);
                break;
            case "stack_trace":
                node.Trace = reader.TokenType is JsonTokenType.String ? _traces.Parse(Characters(ref reader)) : SkipTrace(ref reader);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private void ReadStack(ref JsonTokens reader, ProgramNode node)
    {
        if (reader.TokenType is not JsonTokenType.String)
        {
            reader.Skip();
            return;
        }

        var text = Characters(ref reader);
        node.Stack = text.IsEmpty ? [] : (_stacks ??= new(limits, _texts)).Parse(text);
        node.HasOldStack = ModuleStack.IsOld(text);
        _hasFurtherCalls |= text.Contains('@');
    }

    private static StackTrace SkipTrace(ref JsonTokens reader)
    {
        reader.Skip();
        return StackTrace.None;
    }

    /// <summary>One argument, a union: <c>{"as_tensor": {"name": ...}}</c>. Values' names and graphs go to the node, constants into its
    /// <see cref="ProgramNode.Constants"/>. Returns what kind of value it is, null when that is unknown.</summary>
    private ModelValueType? ReadArgument(ref JsonTokens reader, ProgramNode node)
    {
        var argument = new ArgumentFields(node);
        Object(ref reader, argument, static (ProgramReader self, ref JsonTokens r, string kind, ArgumentFields a) =>
        {
            if (r.TokenType is JsonTokenType.Null || (r.TokenType is JsonTokenType.False && kind is not "as_bool"))
            {
                return; // a union's other members
            }

            a.Type = TypeOf(kind) ?? a.Type;
            switch (kind)
            {
                case "name": // a bare value, as in signatures
                    a.Type = ModelValueType.Tensor;
                    self.AddValue(ref r);
                    break;
                case "as_name" or "as_tensor" or "as_sym_int" or "as_sym_float" or "as_sym_bool" or "as_custom_obj" or "as_optional_tensor" or "as_token":
                    self.ReadValue(ref r, a.Node);
                    break;
                case "as_tensors" or "as_optional_tensors" or "as_sym_ints" or "as_sym_floats" or "as_sym_bools":
                    self.Array(ref r, a.Node, static (ProgramReader s, ref JsonTokens r2, ProgramNode n) => s.ReadValue(ref r2, n));
                    break;
                case "as_nested_tensors":
                    self.Array(ref r, a.Node, static (ProgramReader s, ref JsonTokens r2, ProgramNode n) =>
                        s.Array(ref r2, n, static (ProgramReader s2, ref JsonTokens r3, ProgramNode n2) => s2.ReadValue(ref r3, n2)));
                    break;
                case "as_graph":
                    self.Object(ref r, a.Node, static (ProgramReader s, ref JsonTokens r2, string n2, ProgramNode n) =>
                    {
                        if (n2 != "graph")
                        {
                            r2.Skip();
                            return;
                        }

                        var graph = new ProgramGraph();
                        n.Graphs = [.. n.Graphs, graph];
                        s.Object(ref r2, graph, static (ProgramReader s3, ref JsonTokens r3, string n3, ProgramGraph g) => s3.ReadGraph(ref r3, n3, g));
                    });
                    break;
                case "as_ints":
                    self.AddNumbers(ref r, a.Node);
                    break;
                default:
                    self.AddConstant(ref r, kind, a.Node);
                    break;
            }
        });
        return argument.Type;
    }

    /// <summary>The value of an argument: <c>{"name": "relu"}</c>, <c>{"as_tensor": {"name": ...}}</c>, <c>{"as_int": 1}</c>, in old files a bare name.</summary>
    private void ReadValue(ref JsonTokens reader, ProgramNode node)
    {
        if (reader.TokenType is JsonTokenType.String)
        {
            AddValue(ref reader);
        }
        else
        {
            ReadArgument(ref reader, node);
        }
    }

    private void AddValue(ref JsonTokens reader)
    {
        if (Text(ref reader) is { } value)
        {
            _values.Add(value);
        }
    }

    /// <summary>Adds up a constant's tokens.</summary>
    private void AddConstant(ref JsonTokens reader, string kind, ProgramNode node)
    {
        var hash = new HashCode();
        hash.Add(node.Constants);
        hash.Add(kind, StringComparer.Ordinal);
        var depth = reader.CurrentDepth;
        do
        {
            Count();
            hash.Add(reader.TokenType);
            hash.AddBytes(reader.ValueSpan);
        }
        while ((reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject || reader.CurrentDepth > depth) && reader.Read());

        node.Constants = hash.ToHashCode();
    }

    private void AddNumbers(ref JsonTokens reader, ProgramNode node)
    {
        if (node.Numbers is not null || reader.TokenType is not JsonTokenType.StartArray)
        {
            AddConstant(ref reader, "as_ints", node);
            return;
        }

        var numbers = new List<long>();
        Array(ref reader, numbers, static (ProgramReader self, ref JsonTokens r, List<long> list) =>
        {
            if (r.TokenType is JsonTokenType.Number && r.TryGetInt64(out var value))
            {
                list.Add(value);
            }
            else
            {
                r.Skip();
            }
        });
        node.Numbers = [.. numbers];
        var hash = new HashCode();
        hash.Add(node.Constants);
        numbers.ForEach(n => hash.Add(n));
        node.Constants = hash.ToHashCode();
    }

    private static ModelValueType? TypeOf(string kind) => kind switch
    {
        "as_tensor" => ModelValueType.Tensor,
        "as_optional_tensor" => ModelValueType.Tensor,
        "as_none" => ModelValueType.None,
        "as_int" or "as_sym_int" => ModelValueType.Number,
        "as_float" or "as_sym_float" => new(ValueKind.Number, "float"),
        "as_complex" => new(ValueKind.Number, "complex"),
        "as_bool" or "as_sym_bool" => ModelValueType.Boolean,
        "as_string" => ModelValueType.String,
        "as_custom_obj" => new(ValueKind.Object),
        "as_device" => new(ValueKind.Number, "torch.device"),
        "as_scalar_type" => new(ValueKind.Number, "torch.dtype"),
        "as_tensors" or "as_optional_tensors" or "as_nested_tensors" => ModelValueType.List(ModelValueType.Tensor),
        "as_ints" or "as_sym_ints" => ModelValueType.List(ModelValueType.Number),
        _ => null,
    };

    private TensorInfo ReadTensor(ref JsonTokens reader, string value)
    {
        if (++_nodes > limits.Items)
        {
            throw new ModelReadException("MG.ExportedProgram.TooManyNodes", $"the program has more than {limits.Items} nodes and values", reader.TokenStartIndex);
        }

        var fields = new TensorFields();
        Object(ref reader, fields, static (ProgramReader self, ref JsonTokens r, string n, TensorFields t) =>
        {
            switch (n)
            {
                case "dtype":
                    t.ElementType = ScalarType(Integer(ref r));
                    break;
                case "sizes":
                    t.Shape = [];
                    self.Array(ref r, t.Shape, static (ProgramReader s, ref JsonTokens r2, List<string> shape) => shape.Add(s.ReadSize(ref r2)));
                    break;
                default:
                    r.Skip();
                    break;
            }
        });
        return new(value, fields.ElementType, fields.Shape is { } shape ? [.. shape] : default(ImmutableArray<string>));
    }

    /// <summary>A dimension: <c>{"as_int": 8}</c>, <c>{"as_expr": {"expr_str": "s0"}}</c>.</summary>
    private string ReadSize(ref JsonTokens reader)
    {
        var size = new EntryFields();
        Object(ref reader, size, static (ProgramReader self, ref JsonTokens r, string n, EntryFields s) =>
        {
            switch (n)
            {
                case "as_int" when r.TokenType is JsonTokenType.Number && r.TryGetInt64(out var value):
                    s.Name = value.ToString(CultureInfo.InvariantCulture);
                    break;
                case "as_expr" when r.TokenType is JsonTokenType.StartObject:
                    self.Object(ref r, s, static (ProgramReader self2, ref JsonTokens r2, string n2, EntryFields s2) =>
                    {
                        if (n2 == "expr_str")
                        {
                            s2.Name = self2.Text(ref r2);
                        }
                        else
                        {
                            r2.Skip();
                        }
                    });
                    break;
                default:
                    r.Skip();
                    break;
            }
        });
        return size.Name ?? "?";
    }

    /// <summary>schema.ScalarType.</summary>
    private static string? ScalarType(int? value) => value switch
    {
        1 => "uint8",
        2 => "int8",
        3 => "int16",
        4 => "int32",
        5 => "int64",
        6 => "float16",
        7 => "float32",
        8 => "float64",
        9 => "complex32",
        10 => "complex64",
        11 => "complex128",
        12 => "bool",
        13 => "bfloat16",
        28 => "uint16",
        29 => "float8_e4m3fn",
        30 => "float8_e5m2",
        31 => "float8_e4m3fnuz",
        32 => "float8_e5m2fnuz",
        _ => null,
    };

    private void CountModule(int count, long offset)
    {
        if (count >= limits.Items)
        {
            throw new ModelReadException("MG.ExportedProgram.TooManyModules", $"the program has more than {limits.Items} modules", offset);
        }
    }

    private sealed class ArgumentFields(ProgramNode node)
    {
        public ProgramNode Node { get; } = node;

        public ModelValueType? Type { get; set; }
    }

    private sealed class TensorFields
    {
        public string? ElementType { get; set; }

        public List<string>? Shape { get; set; }
    }
}
