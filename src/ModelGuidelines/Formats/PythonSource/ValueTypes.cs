using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What a value is at a module's border.</summary>
internal static class ValueTypes
{
    private const int MaxDepth = 8;
    private const int MaxElements = 64;

    /// <summary>Each type that it can be, with the condition under which it is; what cannot be told is left out.</summary>
    public static IEnumerable<(ModelValueType Type, Condition When)> Of(Value value, Condition when)
    {
        if (value is ChoiceValue choice)
        {
            return choice.Options.SelectMany(o => Of(o.Value, o.When.And(when))).Where(o => !o.When.IsNever);
        }

        return Of(value, 0) is { } type ? [(type, when)] : [];
    }

    private static ModelValueType? Of(Value value, int depth)
    {
        if (depth > MaxDepth)
        {
            return null;
        }

        switch (value)
        {
            case TensorValue or GraphTensor:
                return ModelValueType.Tensor;
            case UnknownValue { InstanceOf: { } of }:
                return new(ValueKind.Object, of);
            case UnknownValue u:
                return u.Kind switch { UnknownKind.Boolean => ModelValueType.Boolean, UnknownKind.Number => ModelValueType.Number, UnknownKind.Text => ModelValueType.String, UnknownKind.Array => new(ValueKind.Object, "ndarray"), _ => null };
            case ConstantValue c when !ReferenceEquals(c, RootInputs.AskedNone):
                return c.Peek switch
                {
                    null => ModelValueType.None,
                    bool => ModelValueType.Boolean,
                    long => ModelValueType.Number,
                    double => new(ValueKind.Number, "float"),
                    string => ModelValueType.String,
                    _ => null,
                };
            case SequenceValue s:
                var elements = Elements(s.Made.Concat(s.MadeRest is null ? [] : [s.MadeRest]), depth); // of an iterator what is not asked for does not run
                if (s.Kind is not SequenceKind.Tuple && elements.Distinct().Count() == 1)
                {
                    elements = [elements[0]];
                }

                return new(s.Kind switch { SequenceKind.List => ValueKind.List, SequenceKind.Set => ValueKind.Set, _ => ValueKind.Tuple }, Elements: elements);
            case DictValue d:
                var values = Elements(d.Entries.Select(e => e.Value).Concat(d.Rest is null ? [] : [d.Rest]), depth);
                if (values.Distinct().Count() == 1)
                {
                    values = [values[0]];
                }

                return new(ValueKind.Dict, Elements: values, Fields: [.. d.Entries.Take(MaxElements).Select(e => e.Key).OfType<ConstantValue>().Select(k => k.Peek).OfType<string>()]);
            case ObjectValue { Kind: ClassKind.NamedTuple, Class: { } type } o:
                return new(ValueKind.NamedTuple, type.Name, Elements(type.Fields.Select(f => o.Attributes.Find(f) ?? ConstantValue.None), depth), [.. type.Fields]);
            case ObjectValue { Class: { IsDataClass: true } type } o:
                return new(ValueKind.DataClass, type.Name, Elements(type.Fields.Select(f => o.Attributes.Find(f) ?? ConstantValue.None), depth), [.. type.Fields]);
            case ObjectValue { Class: { } type, Kind: ClassKind.Plain }:
                return new(ValueKind.Object, type.Name);
            case ObjectValue { Doubt: null, IsModule: true } module:
                return new(ValueKind.Object, module.TypeName[(module.TypeName.LastIndexOf('.') + 1)..]);
            case FunctionValue or BoundValue or PartialValue:
                return new(ValueKind.Object, "function");
            case ClassValue:
                return new(ValueKind.Object, "type");
            case ExternalValue named when Python.Libraries.InstanceTypes.Of(named) is { } what:
                return new(ValueKind.Object, what);
            case ObjectValue { Doubt: null, IsModule: false, ExternalType: { } external }:
                return new(ValueKind.Object, external[(external.LastIndexOf('.') + 1)..]);
            case ChoiceValue choice:
                // Within a container: what is no tensor among them, else the first.
                var types = choice.Options.Where(o => o.Value is not MissingValue).Select(o => Of(o.Value, depth + 1)).OfType<ModelValueType>().ToList();
                return types.Find(t => t.IsViolation) ?? types.Find(t => t.IsTensors) ?? types.FirstOrDefault();
            default:
                return null;
        }
    }

    private static ImmutableArray<ModelValueType> Elements(IEnumerable<Value> values, int depth) =>
        [.. values.Where(v => v is not MissingValue).Take(MaxElements).Select(v => Of(v, depth + 1) ?? ModelValueType.Unknown)];
}
