using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What the annotation of an argument says that it is.</summary>
/// <param name="evaluator">Knows the classes that annotations name.</param>
internal sealed class Annotations(Evaluator evaluator)
{
    private const int MaxDepth = 6;

    /// <summary>An argument of forward; a tensor where its annotation says nothing.</summary>
    public Value ValueOf(FunctionValue forward, Parameter parameter, string argument)
    {
        var place = new Place(forward.Closure.Module, parameter.Start);
        return From(parameter.Annotation, 0) ?? new InputValue(parameter.Name, argument);

        Value? From(Expression? annotation, int depth)
        {
            if (depth > MaxDepth)
            {
                return null;
            }

            switch (annotation)
            {
                case StringExpression { IsBytes: false } s:
                    return depth < 4 && PythonParser.Parse(s.Value) is { Errors.IsEmpty: true, Statements: [ExpressionStatement e] } ? From(e.Value, depth + 1) : null;
                case BinaryExpression { Operator: PythonOperator.BitOr } either:
                    return OneOf([either.Left, either.Right], depth);
                case SubscriptExpression s:
                    return Generic(NameOf(s.Value), s.Index is TupleExpression t ? [.. t.Elements] : [s.Index], depth);
                case NameExpression or AttributeExpression:
                    return Generic(NameOf(annotation), [], depth) ?? OfClass(annotation);
                default:
                    return null;
            }
        }

        Value? Generic(string? name, List<Expression> parts, int depth)
        {
            UnknownValue Symbol(UnknownKind kind) => new(parameter.Name, $"'{parameter.Name}' is an argument", place, kind);
            switch (name)
            {
                case "List" or "list" or "Sequence" or "Iterable" or "Collection" or "MutableSequence":
                    return SequenceValue.Open(SequenceKind.List, parts.Count == 1 ? From(parts[0], depth + 1) ?? new TensorValue() : new TensorValue());
                case "Dict" or "dict" or "Mapping" or "OrderedDict" or "MutableMapping":
                    return new DictValue { Rest = parts.Count == 2 ? From(parts[1], depth + 1) ?? new TensorValue() : new TensorValue() };
                case "Tuple" or "tuple" when parts.Count > 0:
                    return parts is [_, ConstantExpression { Value: PythonConstant.Ellipsis }]
                        ? SequenceValue.Open(SequenceKind.Tuple, From(parts[0], depth + 1) ?? new TensorValue())
                        : new SequenceValue(SequenceKind.Tuple, [.. parts.Select(p => From(p, depth + 1) ?? new TensorValue())]);
                case "Tuple" or "tuple":
                    return SequenceValue.Open(SequenceKind.Tuple, new TensorValue());
                case "int" or "float":
                    return Symbol(UnknownKind.Number);
                case "bool":
                    return Symbol(UnknownKind.Boolean);
                case "str":
                    return Symbol(UnknownKind.Text);
                case "Tensor" or "Parameter" when depth > 0:
                    return new TensorValue();
                case "Optional" or "Union" or "Annotated" or "Final":
                    return OneOf(name is "Annotated" ? [.. parts.Take(1)] : parts, depth);
                default:
                    return null;
            }
        }

        // Of several types the caller chooses.
        Value? OneOf(List<Expression> parts, int depth)
        {
            var values = parts.Where(p => p is not ConstantExpression { Value: PythonConstant.None }).Select(p => From(p, depth + 1)).ToList();
            if (values.Count < 2 || values.Contains(null))
            {
                return values.Find(v => v is not null);
            }

            var left = evaluator.Conditions.Always;
            var options = new List<(Condition, Value)>();
            for (var i = 0; i < values.Count; i++)
            {
                var when = i == values.Count - 1 ? left : left.And(evaluator.Conditions.NewAtom($"{parameter.Name} is {forward.Closure.Module.File.TextOf(parts[i])}"));
                options.Add((when, values[i]!));
                left = left.And(when.Not());
            }

            return Choices.Join(options);
        }

        // A named tuple or data class of tensors.
        Value? OfClass(Expression annotation)
        {
            if (evaluator.Evaluate(annotation, forward.Closure) is not ClassValue type || !(type.IsDataClass || type.Kind is ClassKind.NamedTuple))
            {
                return null;
            }

            var value = new ObjectValue(type, type.ExternalBase, type.Kind) { Place = place };
            foreach (var field in type.Fields)
            {
                value.Attributes.Set(field, new TensorValue());
            }

            return value;
        }
    }

    private static string? NameOf(Expression? e) => e switch { NameExpression n => n.Name, AttributeExpression a => a.Name, _ => null };
}
