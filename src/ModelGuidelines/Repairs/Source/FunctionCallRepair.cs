using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Turns a call of a function into a module: defined in <c>__init__</c>, called where the function was.</summary>
internal sealed class FunctionCallRepair(SourceFiles files, SourceNames names, Func<SourceClass, ClassFamily> familyOf)
{
    /// <summary>Classes whose constructors take keywords only.</summary>
    private static readonly HashSet<string> KeywordOnly = ["torch.nn.GaussianNLLLoss", "torch.nn.TripletMarginWithDistanceLoss"];

    private readonly SourceTree _tree = files.Main;
    private readonly HashSet<ClassDefinition> _withNewInit = [];

    /// <summary>The changes, one for each call that begins at the place: <c>x.relu().neg().relu()</c> has two; or why there are none.</summary>
    /// <param name="finding">What is found.</param>
    /// <param name="isRepeated">Whether the method that calls it is known to run several times in one pass.</param>
    public (List<SourceChange> Changes, string? Reason) Plan(Finding finding, bool isRepeated)
    {
        if (finding.Location is not { } location)
        {
            return ([], "the file does not say where the call stands");
        }

        var calls = _tree.CallsAt(location.Line, location.Column).Where(c => OperationTable.Canonical(NameOf(c) ?? "") == OperationTable.Canonical(finding.Operator ?? "")).ToList();
        var changes = new List<SourceChange>();
        foreach (var call in calls.Count == 0 ? [null] : calls.Cast<CallExpression?>())
        {
            var (planned, reason) = Plan(finding, location, call is null ? [] : [call], isRepeated);
            if (planned is null)
            {
                return ([], reason);
            }

            changes.AddRange(planned);
        }

        return (changes, null);
    }

    private (IReadOnlyList<SourceChange>? Changes, string? Reason) Plan(Finding finding, SourceLocation location, List<CallExpression> calls, bool isRepeated)
    {
        var known = OperationTable.Find(finding.Operator ?? "");
        if (calls is [var only])
        {
            known = known?.Name switch
            {
                "pad" => Padding.Of(only, known),
                "interpolate" => Upsampling(NameOf(only)!, known),
                _ => known,
            };
        }

        if (known is not { IsConstructible: true, ModuleClass: { } type } info)
        {
            return (null, $"'{finding.Operator}' is handed weights or sizes that only exist at run time");
        }

        if (calls is not [var call])
        {
            return PlanAttribute(finding, info) is { } held ? ([held], null) : (null, "the call is not written as a call of that function here: it comes by another name, from outside, or twice in one expression");
        }

        if (_tree.Method(call) is not ({ } definition, { } method) || ClassFamily.Self(method) is not { } self)
        {
            return (null, "the function is called outside of a module's methods");
        }

        if (Repeats(call, method))
        {
            return (null, "the call stands in a loop or an inner function: one module would be used several times");
        }

        var family = familyOf(new(_tree, definition));
        if (Unsafe(family, method, type) is { } hazard)
        {
            return (null, hazard);
        }

        if (ClassName(type, definition) is not { } written)
        {
            return (null, "the file has no name for torch.nn that holds in __init__: it imports it under a condition, inside a function, or not at all, or another meaning hides it");
        }

        if (CallStyle(call, info) is not { } style)
        {
            return (null, "the call is written in a way that is not understood");
        }

        var (receiver, arguments) = style;
        var read = new HashSet<string>(StringComparer.Ordinal);
        if (Constructor(info, arguments, receiver is null ? info.TensorInputs : info.TensorInputs - 1, IsInPlace(call), self, read, out var inputs, out var reason) is not { } constructor)
        {
            return (null, reason);
        }

        if (info.Parameters.Contains("training", StringComparer.Ordinal) && ChangesTraining(family) is { } training)
        {
            return (null, training);
        }

        var (insert, init, noPlace) = new InitBody(files, family).Place(method, read, []);
        if (insert is null || (init is null && !_withNewInit.Add(definition)))
        {
            return (null, noPlace ?? $"class '{definition.Name}' gets its __init__ by another repair: repair once more");
        }

        if (info.Name == "pad")
        {
            constructor = Padding.Constructor(call, info, _tree.File);
        }

        // A method that runs several times is handed a module for each further run.
        var helpers = new HelperCalls(_tree);
        var runs = new List<CallExpression>();
        if (isRepeated && (init is null || helpers.Of(family, method) is var (found, unfit) && (unfit is null ? (runs = found) is null : (noPlace = unfit) is not null)))
        {
            return (null, noPlace ?? "its line runs several times in one pass: the new module would be used again");
        }

        var attribute = names.For(info.Name);
        var parameter = isRepeated ? HelperCalls.ParameterFor(method, attribute) : "";
        if (parameter is null || CallEdits(call, receiver, inputs, (isRepeated ? HelperCalls.Called($"{self}.{attribute}", parameter) : $"{self}.{attribute}") + "(") is not { } edits)
        {
            return (null, "the call is written in a way that is not understood");
        }

        SourceChange Change(string name, IEnumerable<SourceEdit> own) => new()
        {
            Kind = RepairKind.FunctionalToModule,
            Finding = finding,
            Class = definition,
            Attribute = name,
            NewModule = string.IsNullOrEmpty(finding.Module) ? name : $"{finding.Module}.{name}",
            Location = location,
            Edits = [insert($"{name} = {written}({constructor})"), .. edits, .. own],
        };
        var changes = new List<SourceChange> { Change(attribute, isRepeated ? HelperCalls.Taking(method, parameter) : []) };
        foreach (var (run, name) in runs.Skip(1).Select(r => (r, names.Next(attribute))).ToList())
        {
            changes.Add(Change(name, [helpers.Handing(run, parameter, $"{ClassFamily.Self(_tree.Method(run).Method!)}.{name}")]));
        }

        return (changes, null);
    }

    /// <summary>Why a class cannot get a further module; null when it can.</summary>
    private string? Unsafe(ClassFamily family, FunctionDefinition method, string type) =>
        family.Unknown is { } unknown ? $"class '{family.Type.Name}' or one that derives from it has a base, '{unknown}', whose code is not at hand"
        : files.IsCutShort ? "more files belong to it than are followed"
        : AttributeUses.Walked(files, family, [type[(type.LastIndexOf('.') + 1)..]]) is { } walk ? walk
        : AttributeUses.Hazard(files, family, hasParameters: false) is { } hazard ? hazard
        : method.Decorators.FirstOrDefault(d => _tree.Resolve(d) is { } path && path.StartsWith("torch.jit.", StringComparison.Ordinal)) is { } compiled ? $"'{_tree.Text(compiled)}' lets '{method.Name}' run with an object that may have no further modules"
        : Borrowed(family, method) is { } borrowed ? borrowed
        : null;

    /// <summary>A method that is taken from its class to run with other objects.</summary>
    private string? Borrowed(ClassFamily family, FunctionDefinition method)
    {
        var called = family.Members.SelectMany(c => c.Methods).Where(m => m.Name != "__init__").Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var tree in files.All)
        {
            if (tree.Nodes.OfType<AttributeExpression>().FirstOrDefault(a => a.Name == method.Name && called.Contains(a.Name) && a.Value is NameExpression { Name: var owner } && owner == family.Type.Name && files.ClassOf(tree, a.Value) == family.Type) is { } use)
            {
                return $"line {tree.File.PositionOf(use.Start).Line} takes '{method.Name}' out of its class";
            }
        }

        return null;
    }

    /// <summary>Where a module's training flag is set by other ways than for all modules together.</summary>
    private string? ChangesTraining(ClassFamily family)
    {
        foreach (var tree in files.All)
        {
            if (tree.Nodes.OfType<AttributeExpression>().FirstOrDefault(a => a.Name == "training" && AttributeUses.IsTarget(tree, a)) is { } set)
            {
                return $"line {tree.File.PositionOf(set.Start).Line} sets 'training' of one module alone";
            }
        }

        return family.Members.FirstOrDefault(c => c.MethodNamed("train") is not null || c.MethodNamed("eval") is not null) is { } own ? $"class '{own.Name}' has a train() or eval() of its own" : null;
    }

    /// <summary>Whether it stands in a loop, a comprehension or a function inside the method, so that one pass may run it several times.</summary>
    private bool Repeats(PythonNode node, FunctionDefinition method) =>
        _tree.Ancestors(node).TakeWhile(a => a != method).Any(a => a is WhileStatement or ForStatement or ComprehensionExpression or LambdaExpression or FunctionDefinition);

    /// <summary>The old names of <c>interpolate</c> have modes of their own.</summary>
    private static OperationInfo Upsampling(string name, OperationInfo info) => name switch
    {
        "upsample_bilinear" => info with { ModuleClass = "torch.nn.UpsamplingBilinear2d", Parameters = ["input", "size", "scale_factor"], ConstructorParameters = ["size", "scale_factor"] },
        "upsample_nearest" => info with { ModuleClass = "torch.nn.UpsamplingNearest2d", Parameters = ["input", "size", "scale_factor"], ConstructorParameters = ["size", "scale_factor"] },
        _ => info,
    };

    /// <summary>How a class of torch.nn is written in the methods of a class here: <c>nn.ReLU</c>, <c>torch.nn.ReLU</c>; null when no name stands for it there.</summary>
    public string? ClassName(string type, ClassDefinition definition)
    {
        var name = type[(type.LastIndexOf('.') + 1)..];
        var init = definition.Body.OfType<FunctionDefinition>().LastOrDefault(f => f.Name == "__init__");
        foreach (var (path, rest) in new[] { ("torch.nn", $".{name}"), ("torch", $".nn.{name}"), (type, "") })
        {
            foreach (var (local, binding) in _tree.Module.Names.OrderBy(n => n.Key, StringComparer.Ordinal))
            {
                // At the file's own level, before the class, and not hidden by a name of __init__.
                if (binding.Import == path && binding.All.Exists(b => b.By is Statement s && _tree.File.Statements.Contains(s) && s.Start < definition.Start)
                    && (init is null || _tree.ScopeOf(init).Find(local) is null) && !_tree.Ancestors(definition).Any(a => a is FunctionDefinition && _tree.ScopeOf(a).Find(local) is not null))
                {
                    return local + rest;
                }
            }
        }

        return null;
    }

    /// <summary>The call of the module instead of the function: the inputs stay where they are, without their keywords, and so does every remark.</summary>
    private List<SourceEdit>? CallEdits(CallExpression call, Expression? receiver, List<Argument> inputs, string written)
    {
        var edits = new List<SourceEdit>();
        var open = _tree.NextToken(call.Function.End, '(', call.End);
        if (open < 0)
        {
            return null;
        }

        if (receiver is null)
        {
            if (_tree.HasComment(call.Function.Start, open))
            {
                return null;
            }

            edits.Add(new(new(call.Function.Start, open + 1), written));
        }
        else
        {
            // x.relu() becomes self.relu(x): the receiver stays where it is, with what else is changed in it.
            edits.Add(new(new(call.Start, call.Start), written, call.End));
            var end = EndWithParentheses(receiver);
            if (_tree.HasComment(end, open))
            {
                if (inputs.Count > 0 || _tree.NextToken(end, '.', open) is not (var dot and >= 0) || _tree.HasComment(dot, open))
                {
                    return null;
                }

                edits.Add(new(new(dot, open + 1), ""));
            }
            else
            {
                edits.Add(new(new(end, open + 1), inputs.Count > 0 ? ", " : ""));
            }
        }

        // Between the parentheses the inputs stay; the rest now stands in the constructor.
        if (_tree.HasComment(open, call.End))
        {
            return WithRemarks(call, inputs, open, edits) ? edits : null;
        }

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

        edits.RemoveAll(e => e.Span.Length == 0 && e.Text.Length == 0);
        return edits;
    }

    /// <summary>Takes away each argument that is no input, with its comma, and nothing else.</summary>
    private bool WithRemarks(CallExpression call, List<Argument> inputs, int open, List<SourceEdit> edits)
    {
        foreach (var argument in call.Arguments)
        {
            var (start, end) = WithParentheses(argument, open);
            if (inputs.Contains(argument))
            {
                if (argument.Name is not null)
                {
                    edits.Add(new(new(argument.Start, start), ""));
                }

                continue;
            }

            var comma = _tree.NextToken(end, ',', call.End);
            if (comma >= 0 && !_tree.HasComment(end, comma))
            {
                end = comma + 1;
            }

            // With the blanks behind it up to the next argument on its line, or those before it.
            while (end < call.End && _tree.File.Text[end] is ' ')
            {
                end++;
            }

            if (_tree.HasComment(argument.Start, Math.Min(end, call.End - 1)) && _tree.HasComment(argument.Start, WithParentheses(argument, open).End))
            {
                return false;
            }

            edits.Add(new(new(Math.Min(argument.Start, start), end), ""));
        }

        edits.RemoveAll(e => e.Span.Length == 0 && e.Text.Length == 0);
        return true;
    }

    /// <summary><c>self.act = F.relu</c>, called once as <c>self.act(x)</c>: the attribute becomes the module.</summary>
    private SourceChange? PlanAttribute(Finding finding, OperationInfo info)
    {
        if (_tree.CallsAt(finding.Location!.Line, finding.Location.Column).Where(c => c.Function is AttributeExpression a && AttributeUses.IsOfSelf(_tree, a)).ToList() is not [var call]
            || _tree.Method(call) is not ({ } type, { } method) || Repeats(call, method) || ClassName(info.ModuleClass!, type) is not { } written)
        {
            return null;
        }

        var attribute = ((AttributeExpression)call.Function).Name;
        var family = familyOf(new(_tree, type));
        var uses = AttributeUses.Of(files, family, attribute).ToList();
        if (Unsafe(family, method, info.ModuleClass!) is not null || family.MissesInit() is not null || AttributeUses.NamedByText(files, family, attribute) is not null
            || uses.Count != 2 || uses.Find(u => AttributeUses.IsTarget(u.Tree, u.Node)) is not { Node: { } target } || _tree.Parent(target) is not AssignStatement { Targets.Length: 1, Value: var value } statement
            || type.Body.OfType<FunctionDefinition>().LastOrDefault(f => f.Name == "__init__") is not { } init || !init.Body.Contains(statement) || InitBody.SuperCall(new(_tree, type), init) is not { } super || init.Body.IndexOf(super) > init.Body.IndexOf(statement)
            || _tree.Resolve(value) is not { } path || !path.StartsWith("torch.", StringComparison.Ordinal) || OperationTable.Canonical(path[(path.LastIndexOf('.') + 1)..]) != info.Name || info.Parameters.Contains("training")
            || call.Arguments.Any(a => a.Stars > 0 || a.Name is not null) || Constructor(info, call.Arguments, info.TensorInputs, false, ClassFamily.Self(method)!, [], out _, out _) is not "")
        {
            return null;
        }

        return new()
        {
            Kind = RepairKind.FunctionalToModule,
            Finding = finding,
            Class = type,
            Attribute = attribute,
            NewModule = string.IsNullOrEmpty(finding.Module) ? attribute : $"{finding.Module}.{attribute}",
            Location = finding.Location,
            Edits = [new(new(value.Start, value.End), $"{written}()")],
        };
    }

    private string? NameOf(CallExpression call) => call.Function switch
    {
        NameExpression name => _tree.Resolve(name) is { } path ? path[(path.LastIndexOf('.') + 1)..] : name.Name,
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

        if (_tree.Resolve(call.Function) is { } path)
        {
            return path.StartsWith("torch.", StringComparison.Ordinal) ? (null, call.Arguments) : null;
        }

        return call.Function is AttributeExpression { Value: var receiver } && info.TensorInputs > 0 ? (receiver, call.Arguments) : null;
    }

    /// <summary>The constructor's arguments as written in the call; null with the reason when one of them is not fixed.</summary>
    private string? Constructor(OperationInfo info, IReadOnlyList<Argument> arguments, int inputCount, bool isInPlace, string self, HashSet<string> read, out List<Argument> inputs, out string? reason)
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
                reason = $"argument '{arguments[i].Name ?? _tree.File.TextOf(arguments[i]).ToString()}' has no counterpart in {info.ModuleClass}";
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
        var isPositional = !KeywordOnly.Contains(info.ModuleClass!);
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

            // A loss registers the tensor as a buffer, which a checkpoint would have to hold.
            if (name is "weight" or "pos_weight")
            {
                reason = $"argument '{name}' would become a buffer of {info.ModuleClass}";
                return null;
            }

            if (!IsKnownInInit(value.Value, self, read))
            {
                reason = $"argument '{name}' ({_tree.File.TextOf(value.Value)}) only exists at run time";
                return null;
            }

            // Upsample makes a number of whatever is no tuple.
            var text = name == "scale_factor" && value.Value is ListExpression list ? $"({string.Join(", ", list.Elements.Select(e => _tree.Text(e)))}{(list.Elements.Length == 1 ? "," : "")})" : _tree.Text(value.Value);
            isPositional &= value.Name is null;
            parts.Add(isPositional ? text : $"{name}={text}");
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

    /// <summary>A value that is written out, or an attribute of the object; <c>__init__</c> decides whether it is there.</summary>
    private bool IsKnownInInit(Expression value, string self, HashSet<string> read) => value switch
    {
        NumberExpression or StringExpression or ConstantExpression => true,
        UnaryExpression { Operator: PythonOperator.Minus or PythonOperator.Plus, Operand: NumberExpression } => true,
        TupleExpression t => t.Elements.All(e => IsKnownInInit(e, self, read)),
        ListExpression l => l.Elements.All(e => IsKnownInInit(e, self, read)),
        AttributeExpression { Value: NameExpression owner, Name: var name } when owner.Name == self && name != "training" => read.Add(name) || true,
        _ => false,
    };

    /// <summary>An argument's value with the parentheses around it, which its span leaves out.</summary>
    private (int Start, int End) WithParentheses(Argument argument, int open)
    {
        var text = _tree.File.Text;
        var (start, end) = (argument.Value.Start, argument.Value.End);
        for (var i = start - 1; i > open && (text[i] == '(' || char.IsWhiteSpace(text[i])); i--)
        {
            if (text[i] == '(' && _tree.NextToken(end, ')', text.Length) is var close and >= 0)
            {
                (start, end) = (i, close + 1);
            }
        }

        return (start, end);
    }

    /// <summary>Behind the parentheses around an expression, which its span leaves out.</summary>
    private int EndWithParentheses(Expression receiver)
    {
        var at = receiver.End;
        for (var next = _tree.NextToken(at, ')', _tree.File.Text.Length); next >= 0; next = _tree.NextToken(at, ')', _tree.File.Text.Length))
        {
            at = next + 1;
        }

        return at;
    }
}
