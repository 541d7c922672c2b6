using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>Translates the types in TorchScript's signatures.</summary>
internal sealed class ScriptTypes(ScriptCode code)
{
    private static readonly ModelValueType Any = ModelValueType.Unknown;

    /// <summary>The type an annotation names; the parser bounds its height.</summary>
    public ModelValueType Read(Expression? annotation) => annotation switch
    {
        NameExpression { Name: var name } => Simple(name),
        ConstantExpression { Value: PythonConstant.None } => ModelValueType.None,
        AttributeExpression attribute => Class(attribute),
        SubscriptExpression { Value: NameExpression { Name: var name }, Index: var index } => Generic(name, index),
        _ => Any,
    };

    /// <summary>The dotted name that an expression spells, or null.</summary>
    public static string? DottedName(Expression expression)
    {
        var parts = new Stack<string>();
        while (expression is AttributeExpression attribute)
        {
            parts.Push(attribute.Name);
            expression = attribute.Value;
        }

        if (expression is not NameExpression name)
        {
            return null;
        }

        parts.Push(name.Name);
        return string.Join('.', parts);
    }

    private static ModelValueType Simple(string name) => name switch
    {
        "Tensor" => ModelValueType.Tensor,
        "int" or "float" or "number" or "complex" => new(ValueKind.Number, name is "number" ? "int" : name),
        "bool" => ModelValueType.Boolean,
        "str" or "Device" or "Layout" or "QScheme" or "Generator" or "Stream" => ModelValueType.String,
        "NoneType" or "None" => ModelValueType.None,
        _ => Any,
    };

    private ModelValueType Generic(string name, Expression index)
    {
        ImmutableArray<Expression> arguments = index is TupleExpression tuple ? tuple.Elements : [index];
        return name switch
        {
            "Tuple" => new(ValueKind.Tuple, Elements: [.. arguments.Select(Read)]),
            "List" => new(ValueKind.List, Elements: [Read(arguments.IsEmpty ? null : arguments[0])]),
            "Dict" => new(ValueKind.Dict, Elements: [Read(arguments.IsEmpty ? null : arguments[^1])]),
            "Optional" => new(ValueKind.Optional, Elements: [Read(arguments.IsEmpty ? null : arguments[0])]),
            "Final" => Read(arguments.IsEmpty ? null : arguments[0]),
            "Future" => new(ValueKind.Object, "Future"),
            _ => Any,
        };
    }

    private ModelValueType Class(AttributeExpression attribute)
    {
        if (DottedName(attribute) is not { } name)
        {
            return Any;
        }

        var found = code.FindClass(name);
        var shortName = ScriptNames.Demangle(name);
        shortName = shortName[(shortName.LastIndexOf('.') + 1)..];
        return found?.Kind switch
        {
            ScriptClassKind.NamedTuple => new(ValueKind.NamedTuple, shortName, Fields: [.. found.Fields.Keys]),
            ScriptClassKind.Enum => ModelValueType.String,
            _ => new(ValueKind.Object, shortName),
        };
    }
}
