using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Turns a call of a function into a module: defined at the end of <c>__init__</c>, called where the function was.</summary>
internal sealed class FunctionCallRepair(SourceIndex index, SourceNames names)
{
    private readonly HashSet<ClassDefinition> _withNewInit = [];

    /// <summary>The change, or why there is none.</summary>
    public (SourceChange? Change, string? Reason) Plan(Finding finding)
    {
        if (finding.Location is not { } location)
        {
            return (null, "the file does not say where the call stands");
        }

        var places = index.CallsAt(location.Line, location.Column).Where(p => OperationTable.Canonical(NameOf(p.Call) ?? "") == OperationTable.Canonical(finding.Operator ?? "")).ToList();
        var known = OperationTable.Find(finding.Operator ?? "");
        if (known is { Name: "pad" } && places is [var padded])
        {
            known = Padding.Of(padded.Call, known);
        }

        if (known is not { IsConstructible: true, ModuleClass: { } type } info)
        {
            return (null, $"'{finding.Operator}' is handed weights or sizes that only exist at run time");
        }

        if (places is not [var place])
        {
            if (PlanAttribute(finding, info) is { } attributeChange)
            {
                return (attributeChange, null);
            }

            return (null, "the call is not written as a call of that function here: it comes by another name, from outside, or twice in one expression");
        }

        if (place.Class is null || place.Method is null || place.Self is not { } self)
        {
            return (null, "the function is called outside of a module's methods");
        }

        if (place.Repeats)
        {
            return (null, "the call stands in a loop or an inner function: one module would be used several times");
        }

        var hasInit = SourceIndex.InitOf(place.Class) is not null;
        if (Definition(place.Class) is not { } define)
        {
            return (null, _withNewInit.Contains(place.Class)
                ? $"class '{place.Class.Name}' gets its __init__ by another repair: repair once more"
                : $"class '{place.Class.Name}' has no __init__ of its own to define a module in");
        }

        if (index.ClassName(type) is not { } written)
        {
            return (null, "the file imports neither torch nor torch.nn");
        }

        var style = CallStyle(place.Call, info);
        if (style is null)
        {
            return (null, "the call is written in a way that is not understood");
        }

        var (receiver, arguments) = style.Value;
        if (Constructor(info, arguments, receiver is null ? info.TensorInputs : info.TensorInputs - 1, IsInPlace(place.Call), self, out var inputs, out var reason) is not { } constructor)
        {
            return (null, reason);
        }

        if (info.Name == "pad")
        {
            constructor = Padding.Constructor(place.Call, info, index.File);
        }

        var attribute = names.For(info.Name);
        var edits = new List<SourceEdit> { define($"{attribute} = {written}({constructor})") };
        var call = place.Call;
        var text = index.File.Text;
        var open = OpenParenthesis(call);
        if (open < 0)
        {
            return (null, "the call is written in a way that is not understood");
        }

        if (receiver is null)
        {
            edits.Add(new(new(call.Function.Start, open + 1), $"{self}.{attribute}("));
        }
        else
        {
            // x.relu() becomes self.relu(x): the receiver stays where it is, with what else is changed in it.
            edits.Add(new(new(call.Start, call.Start), $"{self}.{attribute}("));
            edits.Add(new(new(EndWithParentheses(receiver, text), open + 1), inputs.Count > 0 ? ", " : ""));
        }

        // Between the parentheses the inputs stay, without their keywords; the rest now stands in the constructor.
        var at = open + 1;
        foreach (var input in inputs)
        {
            var (start, stop) = WithParentheses(input, open);
            if (call.Arguments[0] != input || input.Name is not null)
            {
                edits.Add(new(new(at, start), at == open + 1 ? "" : ", "));
            }

            at = stop;
        }

        if (call.Arguments.Length > inputs.Count)
        {
            edits.Add(new(new(at, call.End - 1), ""));
        }

        if (!hasInit)
        {
            _withNewInit.Add(place.Class);
        }

        edits.RemoveAll(e => e.Span.Length == 0 && e.Text.Length == 0);
        return (new()
        {
            Kind = RepairKind.FunctionalToModule,
            Finding = finding,
            Attribute = attribute,
            NewModule = string.IsNullOrEmpty(finding.Module) ? attribute : $"{finding.Module}.{attribute}",
            Location = location,
            Edits = edits,
        }, null);
    }

    /// <summary>Puts the definition of an attribute at the end of <c>__init__</c>, or of a new one where the class derives from nn.Module alone.</summary>
    private Func<string, SourceEdit>? Definition(ClassDefinition type)
    {
        if (SourceIndex.InitOf(type) is { } init)
        {
            return init.Parameters is [var self, ..] && index.EndOfBody(init) is { } end ? d => end.Insert($"{self.Name}.{d}") : null;
        }

        return !_withNewInit.Contains(type) && type.Arguments is [{ Name: null, Stars: 0, Value: var only }] && index.Resolve(only) == "torch.nn.Module"
            && type.Body.OfType<FunctionDefinition>().FirstOrDefault() is { Decorators.IsEmpty: true } first && index.BeforeFunction(first) is var (offset, outer, inner, lineEnd)
            ? d => new(new(offset, offset), $"{outer}def __init__(self):{lineEnd}{inner}super().__init__(){lineEnd}{inner}self.{d}{lineEnd}{lineEnd}")
            : null;
    }

    /// <summary><c>self.act = F.relu</c>, called once as <c>self.act(x)</c>: the attribute becomes the module.</summary>
    private SourceChange? PlanAttribute(Finding finding, OperationInfo info)
    {
        if (index.CallsAt(finding.Location!.Line, finding.Location.Column).Where(p => p.Self is { } s && p.Call.Function is AttributeExpression { Value: NameExpression owner } && owner.Name == s).ToList() is not [var place]
            || place is not { Class: { } type, Repeats: false } || index.ClassName(info.ModuleClass!) is not { } written)
        {
            return null;
        }

        var attribute = ((AttributeExpression)place.Call.Function).Name;
        if (index.Attributes.Where(a => a.Attribute == attribute).ToList() is not [{ IsInInit: true, IsPlain: true, Value: { } value } definition] || definition.Class != type || index.OtherUses.Contains(attribute)
            || index.Resolve(value) is not { } path || !path.StartsWith("torch.", StringComparison.Ordinal) || OperationTable.Canonical(path[(path.LastIndexOf('.') + 1)..]) != info.Name
            || place.Call.Arguments.Any(a => a.Stars > 0 || a.Name is not null) || Constructor(info, place.Call.Arguments, info.TensorInputs, false, place.Self!, out _, out _) is not "")
        {
            return null;
        }

        return new()
        {
            Kind = RepairKind.FunctionalToModule,
            Finding = finding,
            Attribute = attribute,
            NewModule = string.IsNullOrEmpty(finding.Module) ? attribute : $"{finding.Module}.{attribute}",
            Location = finding.Location,
            Edits = [new(new(value.Start, value.End), $"{written}()")],
        };
    }

    private string? NameOf(CallExpression call) => call.Function switch
    {
        NameExpression name => index.Resolve(name) is { } path ? path[(path.LastIndexOf('.') + 1)..] : name.Name,
        AttributeExpression attribute => attribute.Name,
        _ => null,
    };

    private bool IsInPlace(CallExpression call) => NameOf(call) is { Length: > 1 } name && name[^1] == '_';

    /// <summary>The object of a method's call, or null for a function's; and the arguments between the parentheses.</summary>
    private (Expression? Receiver, IReadOnlyList<Argument> Arguments)? CallStyle(CallExpression call, OperationInfo info)
    {
        if (call.Arguments.Any(a => a.Stars > 0))
        {
            return null;
        }

        if (index.Resolve(call.Function) is { } path)
        {
            return path.StartsWith("torch.", StringComparison.Ordinal) ? (null, call.Arguments) : null;
        }

        return call.Function is AttributeExpression { Value: var receiver } && info.TensorInputs > 0 ? (receiver, call.Arguments) : null;
    }

    /// <summary>The constructor's arguments as written in the call; null with the reason when one of them is not fixed.</summary>
    private string? Constructor(OperationInfo info, IReadOnlyList<Argument> arguments, int inputCount, bool isInPlace, string self, out List<Argument> inputs, out string? reason)
    {
        inputs = [];
        reason = null;
        var skipped = info.TensorInputs - inputCount;
        var values = new Dictionary<string, Argument>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i++)
        {
            var position = arguments[i].Name is { } keyword ? IndexOf(info, keyword) : i + skipped;
            if (position < 0 || position >= info.Parameters.Length)
            {
                reason = $"argument '{arguments[i].Name ?? index.File.TextOf(arguments[i]).ToString()}' has no counterpart in {info.ModuleClass}";
                return null;
            }

            if (position < info.TensorInputs)
            {
                inputs.Add(arguments[i]);
            }
            else
            {
                values[info.Parameters[position]] = arguments[i];
            }
        }

        if (inputs.Count != inputCount || inputs.Select(a => IndexOf(info, a.Name ?? "")).Where(p => p >= 0).Order().Zip(inputs.Select(a => IndexOf(info, a.Name ?? "")).Where(p => p >= 0)).Any(p => p.First != p.Second))
        {
            reason = "the inputs of the call are not understood";
            return null;
        }

        if (info.Parameters.Contains("training", StringComparer.Ordinal))
        {
            var isModules = values.Remove("training", out var training) && training.Value is AttributeExpression { Name: "training", Value: NameExpression { Name: var owner } } && owner == self;
            if (!isModules)
            {
                reason = $"it does not take 'training' from its module ({self}.training), as {info.ModuleClass} would";
                return null;
            }
        }

        var parts = new List<string>();
        var isPositional = true;
        foreach (var name in info.ConstructorParameters)
        {
            if (name == "inplace" && isInPlace)
            {
                parts.Add("inplace=True");
                isInPlace = false;
                values.Remove(name);
                continue;
            }

            if (!values.Remove(name, out var value))
            {
                isPositional = false;
                continue;
            }

            if (!IsLiteral(value.Value))
            {
                reason = $"argument '{name}' ({index.File.TextOf(value.Value)}) only exists at run time";
                return null;
            }

            isPositional &= value.Name is null;
            parts.Add(isPositional ? index.File.TextOf(value.Value).ToString() : $"{name}={index.File.TextOf(value.Value)}");
        }

        if (values.Count > 0 || isInPlace)
        {
            reason = isInPlace ? $"it changes its argument in place, which {info.ModuleClass} cannot" : $"argument '{values.Keys.First()}' has no counterpart in {info.ModuleClass}";
            return null;
        }

        return string.Join(", ", parts);
    }

    private static int IndexOf(OperationInfo info, string keyword) => keyword switch
    {
        "x1" => 0,
        "x2" => 1,
        _ => info.Parameters.IndexOf(keyword),
    };

    private static bool IsLiteral(Expression value) => value switch
    {
        NumberExpression or StringExpression or ConstantExpression => true,
        UnaryExpression { Operator: PythonOperator.Minus or PythonOperator.Plus, Operand: NumberExpression } => true,
        TupleExpression t => t.Elements.All(IsLiteral),
        ListExpression l => l.Elements.All(IsLiteral),
        _ => false,
    };

    private int OpenParenthesis(CallExpression call) => index.NextToken(call.Function.End, '(', call.End);

    /// <summary>An argument with the parentheses around its value, which its span leaves out.</summary>
    private (int Start, int End) WithParentheses(Argument argument, int open)
    {
        var text = index.File.Text;
        var (start, end) = (argument.Value.Start, argument.Value.End);
        for (var i = start - 1; i > open && (text[i] == '(' || char.IsWhiteSpace(text[i])); i--)
        {
            if (text[i] == '(' && index.NextToken(end, ')', text.Length) is var close and >= 0)
            {
                (start, end) = (i, close + 1);
            }
        }

        return (start, end);
    }

    /// <summary>Behind the parentheses around an expression, which its span leaves out.</summary>
    private int EndWithParentheses(Expression receiver, string text)
    {
        var at = receiver.End;
        for (var next = index.NextToken(at, ')', text.Length); next >= 0; next = index.NextToken(at, ')', text.Length))
        {
            at = next + 1;
        }

        return at;
    }
}
