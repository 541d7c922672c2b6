using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Turns a call of a function into a module: defined in <c>__init__</c>, called where the function was.</summary>
internal sealed class FunctionCallRepair(SourceFiles files, SourceNames names, Func<SourceClass, ClassFamily> familyOf)
{
    private readonly SourceTree _tree = files.Main;
    private readonly CallArguments _arguments = new(files.Main);
    private readonly CallRewriting _calls = new(files.Main);
    private readonly TorchNames _torch = new(files.Main);
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

        var calls = _tree.CallsAt(location.Line, location.Column).Where(c => OperationTable.Canonical(_arguments.NameOf(c) ?? "") == OperationTable.Canonical(finding.Operator ?? "")).ToList();
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
                "interpolate" => Upsampling(_arguments.NameOf(only)!, known),
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

        var (loop, noLoop) = LoopRounds.Around(_tree, call, method);
        if (noLoop is not null)
        {
            return (null, $"the call stands in {noLoop}: one module would be used several times");
        }

        var family = familyOf(new(_tree, definition));
        if (Unsafe(family, method, type) is { } hazard)
        {
            return (null, hazard);
        }

        if (TorchScriptForm.NoteOf(type) is { } uncompiled && TorchScriptForm.IsCompiled(files))
        {
            return (null, uncompiled);
        }

        if (_torch.Of(type, definition) is not { } written)
        {
            return (null, "the file has no name for torch.nn that holds in __init__: it imports it under a condition, inside a function, or not at all, or another meaning hides it");
        }

        if (_arguments.CallStyle(call, info) is not { } style)
        {
            return (null, "the call is written in a way that is not understood");
        }

        var (receiver, arguments) = style;
        var read = new HashSet<string>(StringComparer.Ordinal);
        if (_arguments.Constructor(info, arguments, receiver is null ? info.TensorInputs : info.TensorInputs - 1, _arguments.IsInPlace(call), self, read, out var inputs, out var reason) is not { } constructor)
        {
            return (null, reason);
        }

        if (info.Parameters.Contains("training", StringComparer.Ordinal) && ChangesTraining(family) is { } training)
        {
            return (null, training);
        }

        var attribute = names.For(info.Name);
        var rounds = loop is null ? null : new LoopCall(files, familyOf).Of(loop, call, definition, attribute, read);
        if (rounds is { Reason: { } noRounds })
        {
            return (null, $"the call stands in a loop: {noRounds}");
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
        var helpers = new HelperCalls(files, files.Main);
        var runs = new List<(SourceTree Tree, CallExpression Call)>();
        if (isRepeated && (init is null || rounds is not null || helpers.Of(family, method) is var (found, unfit) && (unfit is null ? (runs = found) is null : (noPlace = unfit) is not null)))
        {
            return (null, noPlace ?? "its line runs several times in one pass: the new module would be used again");
        }

        var parameter = isRepeated ? HelperCalls.ParameterFor(method, attribute) : "";
        if (parameter is null || _calls.Edits(call, receiver, inputs, (isRepeated ? HelperCalls.Called($"{self}.{attribute}", parameter) : rounds?.Element ?? $"{self}.{attribute}") + "(") is not { } edits)
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
            IsList = rounds is not null,
            Note = isRepeated ? TorchScriptForm.Handed : rounds?.Note ?? TorchScriptForm.NoteOf(type),
            Edits = [insert($"{name} = {rounds?.Made($"{written}({constructor})") ?? $"{written}({constructor})"}"), .. edits, .. rounds?.Edits ?? [], .. own],
        };
        var changes = new List<SourceChange> { Change(attribute, isRepeated ? HelperCalls.Taking(method, parameter) : []) };
        foreach (var (run, name) in runs.Skip(1).Select(r => (r, names.Next(attribute))).ToList())
        {
            changes.Add(Change(name, [HelperCalls.Handing(run.Tree, run.Call, parameter, $"{ClassFamily.Self(run.Tree.Method(run.Call).Method!)}.{name}")]));
        }

        return (changes, null);
    }

    /// <summary>Why a class cannot get a further module; null when it can.</summary>
    private string? Unsafe(ClassFamily family, FunctionDefinition method, string type) =>
        family.Unknown is { } unknown ? $"class '{family.Type.Name}' or one that derives from it has a base, '{unknown}', whose code is not at hand"
        : files.IsCutShort ? "more files belong to it than are followed"
        : ModuleWalks.Walked(files, family, [type[(type.LastIndexOf('.') + 1)..]]) is { } walk ? walk
        : ClassHazards.Hazard(files, family, hasParameters: false) is { } hazard ? hazard
        : method.Decorators.FirstOrDefault(d => _tree.Resolve(d) is { } path && path.StartsWith("torch.jit.", StringComparison.Ordinal)) is { } compiled ? $"'{_tree.Text(compiled)}' lets '{method.Name}' run with an object that may have no further modules"
        : null;

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

    /// <summary><c>self.act = F.relu</c>, called once as <c>self.act(x)</c>: the attribute becomes the module.</summary>
    private SourceChange? PlanAttribute(Finding finding, OperationInfo info)
    {
        if (_tree.CallsAt(finding.Location!.Line, finding.Location.Column).Where(c => c.Function is AttributeExpression a && AttributeUses.IsOfSelf(_tree, a)).ToList() is not [var call]
            || _tree.Method(call) is not ({ } type, { } method) || Repeats(call, method) || _torch.Of(info.ModuleClass!, type) is not { } written)
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
            || call.Arguments.Any(a => a.Stars > 0 || a.Name is not null) || _arguments.Constructor(info, call.Arguments, info.TensorInputs, false, ClassFamily.Self(method)!, [], out _, out _) is not "")
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
}
