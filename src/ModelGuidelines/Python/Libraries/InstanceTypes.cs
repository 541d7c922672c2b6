using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Of which types the values of Python itself and of tensors are instances, by the last part of a type's name: <c>isinstance(x, collections.abc.Sequence)</c>.</summary>
internal static class InstanceTypes
{
    private static readonly FrozenSet<string> Tensor = Of("Tensor Variable Hashable Sized Iterable");
    private static readonly FrozenSet<string> MaybeTensor = Of("PackedSequence NestedTensor FakeTensor DTensor Proxy");
    private static readonly FrozenSet<string> None = Of("NoneType Hashable");
    private static readonly FrozenSet<string> Boolean = Of("bool int Number Integral Real Rational Complex Hashable SupportsInt SupportsFloat");
    private static readonly FrozenSet<string> Integer = Of("int Number Integral Real Rational Complex Hashable SupportsInt SupportsFloat");
    private static readonly FrozenSet<string> Float = Of("float Number Real Complex Hashable SupportsInt SupportsFloat");
    private static readonly FrozenSet<string> Text = Of("str Sequence Collection Container Sized Iterable Reversible Hashable string_types basestring");
    private static readonly FrozenSet<string> List = Of("list List Sequence MutableSequence Collection Container Sized Iterable Reversible");
    private static readonly FrozenSet<string> Tuple = Of("tuple Tuple Size Sequence Collection Container Sized Iterable Reversible Hashable");
    private static readonly FrozenSet<string> Set = Of("set frozenset Set MutableSet Collection Container Sized Iterable");
    private static readonly FrozenSet<string> Iterator = Of("Iterator Iterable Generator GeneratorType Hashable zip map filter enumerate reversed");
    private static readonly FrozenSet<string> View = Of("MappingView Collection Container Sized Iterable Reversible");
    private static readonly FrozenSet<string> Range = Of("range Sequence Collection Container Sized Iterable Reversible Hashable");
    private static readonly FrozenSet<string> Dictionary = Of("dict Dict Mapping MutableMapping OrderedDict Collection Container Sized Iterable Reversible");
    private static readonly FrozenSet<string> Function = Of("Callable FunctionType LambdaType Hashable");
    private static readonly FrozenSet<string> Bound = Of("Callable MethodType Hashable");
    private static readonly FrozenSet<string> Partial = Of("Callable partial Hashable");
    private static readonly FrozenSet<string> Method = Of("Callable BuiltinMethodType BuiltinFunctionType Hashable");
    private static readonly FrozenSet<string> Type = Of("type Callable Hashable");
    private static readonly FrozenSet<string> EnumType = Of("type Callable Hashable EnumMeta EnumType Iterable Sized Container Collection");
    private static readonly FrozenSet<string> Graph = Of("Tensor KerasTensor Hashable");

    /// <summary>Null where it cannot be told, or where the value's class must be asked.</summary>
    public static bool? Is(Value value, string type) => value switch
    {
        InputValue or TensorValue => Tensor.Contains(type) ? true : MaybeTensor.Contains(type) ? null : type is "Parameter" && value is not InputValue ? value is ParameterValue ? true : null : false,
        ConstantValue { Peek: null } => None.Contains(type),
        ConstantValue { Peek: bool } => Boolean.Contains(type),
        ConstantValue { Peek: long } => Integer.Contains(type),
        ConstantValue { Peek: double } => Float.Contains(type),
        ConstantValue { Peek: string } => Text.Contains(type),
        SequenceValue { Form: SequenceForm.Iterator } => !Iterator.Contains(type) ? false : type is "Iterator" or "Iterable" or "Hashable" ? true : null,
        SequenceValue { Form: SequenceForm.View } => type is "Set" or "KeysView" or "ValuesView" or "ItemsView" ? null : View.Contains(type),
        SequenceValue { Form: SequenceForm.Range } => Range.Contains(type),
        SequenceValue { Kind: SequenceKind.List } => List.Contains(type),
        SequenceValue { Kind: SequenceKind.Tuple } => Tuple.Contains(type),
        SequenceValue => Set.Contains(type),
        DictValue => Dictionary.Contains(type),
        SliceValue => type is "slice",
        FunctionValue => Function.Contains(type),
        BoundValue => Bound.Contains(type),
        PartialValue => Partial.Contains(type),
        MethodValue => Method.Contains(type),
        ClassValue { Kind: ClassKind.Enum } => EnumType.Contains(type),
        ClassValue or ExternalValue => Type.Contains(type),
        GraphTensor => Graph.Contains(type),
        _ => null,
    };

    /// <summary>Whether what is only known to be a number, a text, a flag or an array is an instance of a type.</summary>
    public static bool? Is(UnknownKind kind, string type) => kind switch
    {
        UnknownKind.Number => type is "int" or "Number" or "Real" ? true : type is "Tensor" or "Module" or "str" or "list" or "tuple" or "dict" ? false : null,
        UnknownKind.Text => Text.Contains(type),
        UnknownKind.Boolean => Boolean.Contains(type),
        UnknownKind.Array => type is "ndarray",
        _ => null,
    };

    /// <summary>What a name of Python or PyTorch itself stands for, for people: <c>torch.relu</c> is a function, <c>torch.float16</c> a dtype. Null for other libraries' names, which may be tensors.</summary>
    public static string? Of(ExternalValue name) => name.FirstPart is not ("torch" or "builtins") ? null
        : Numbers.Contains(name.LastPart) ? "dtype"
        : char.IsAsciiLetterUpper(name.LastPart[0]) || name.LastPart is "int" or "float" or "bool" or "str" or "list" or "tuple" or "dict" ? "type" : "function";

    /// <summary>What an attribute of every tensor is an instance of, by name; null where that differs, or is a number or a tensor.</summary>
    public static string? OfTensors(string attribute) => attribute is "dtype" or "device" or "layout" ? attribute : null;

    private static readonly FrozenSet<string> Numbers = Of("float16 float32 float64 bfloat16 half double long short int8 int16 int32 int64 uint8 complex64 complex128 float8_e4m3fn float8_e5m2");

    private static FrozenSet<string> Of(string names) => names.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
