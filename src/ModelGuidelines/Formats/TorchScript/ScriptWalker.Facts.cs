using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Formats.TorchScript;

/// <content>What is noted in the graph.</content>
internal sealed partial class ScriptWalker
{
    /// <summary>One call of a functional in a trace, which may show as several operators.</summary>
    /// <param name="Function">Its name.</param>
    /// <param name="Caller">The stack above it.</param>
    /// <param name="Seen">Operators of the call so far, with the line of the functional's own code: a second time means a second call.</param>
    private sealed record FunctionalCallFold(string Function, ImmutableArray<TraceFrame> Caller, HashSet<(string Operator, int Line)> Seen);

    // ---- calls of modules

    private ScriptValue ModuleMethod(Frame frame, ScriptModule module, string name, CallExpression call)
    {
        var (arguments, keywords) = Arguments(frame, call);
        if (module.Class is not { } type || !type.Methods.TryGetValue(name, out var method))
        {
            HasUnknownCalls |= ScriptNames.IsForward(name);
            return ScriptValue.Unknown;
        }

        var self = new ScriptValue(ScriptKind.Module) { Module = module };
        var isSelf = frame.Locals.Values.FirstOrDefault() is { Module: { } own } && ReferenceEquals(own, module);
        if (!ScriptNames.IsForward(name) || isSelf)
        {
            // A helper method runs in the scope of whoever calls it.
            return Invoke(type.File, method, self, arguments, keywords);
        }

        _inlined.HasCalls = true;
        var location = frame.File.Ranges.Find(call.Function.End);
        if (location is not null && IsTorchNn(location))
        {
            location = _callSite ?? location; // in a Sequential: the line that called it
        }

        var index = _graph.Calls.Count;
        _graph.Calls.Add(new()
        {
            Module = module.Index,
            Caller = _current,
            Node = $"{(module.QualifiedName.Length == 0 ? "(root)" : module.QualifiedName)}.{name}",
            Location = location,
            Times = _times,
            Arms = _arms,
            Certainty = _certainty.And(module.Certainty),
        });
        var (current, callSite, inCall) = (_current, _callSite, _inCall);
        (_current, _callSite, _inCall) = (module.Index, location, []);
        _moduleDepth++;
        if (location is null)
        {
            _unlocated.Add((index, _moduleDepth));
        }

        var result = Invoke(type.File, method, self, arguments, keywords);
        _unlocated.RemoveAll(u => u.Call == index);
        _moduleDepth--;
        (_current, _callSite, _inCall) = (current, callSite, inCall);
        NoteInterfaces(module, method, arguments, result);
        return result;
    }

    private void AddInlinedCall(ScriptModule module, string function, SourceLocation? location, Certainty certainty) => _graph.Calls.Add(new()
    {
        Module = module.Index,
        Caller = _current,
        Node = $"{module.QualifiedName} ({function}, inlined)",
        Location = location,
        Times = _times,
        Arms = _arms,
        Certainty = _certainty.And(module.Certainty).And(certainty),
    });

    private static bool IsTorchNn(SourceLocation location) => TorchFiles.IsModule(location.File);

    // ---- operations

    /// <param name="frame">Where the call stands.</param>
    /// <param name="function">PyTorch's name, when the code has it.</param>
    /// <param name="op">The operator as the archive names it.</param>
    /// <param name="arguments">Its positional arguments.</param>
    /// <param name="call">The call.</param>
    private void NoteOperation(Frame frame, string? function, string op, List<ScriptValue> arguments, CallExpression call)
    {
        var position = call.Function.End;
        var stack = frame.File.Ranges.Stack(position);
        var name = function ?? NameOf(op[(op.LastIndexOf('.') + 1)..], arguments);
        SourceLocation? location;
        if (_frozen is not null)
        {
            location = stack.IsEmpty ? frame.File.Ranges.Find(position) : null;
            if (stack.IsEmpty || !IsPartOfCallBefore(frame, _stacks.Explain(stack), op, stack))
            {
                name = stack.IsEmpty ? name : frame.Fold?.Function ?? name;
                _frozen.Add(new(name, FrozenOperations.WeightOf(name, arguments), stack, location, location is null ? null : frame.File.Ranges.Place(position), _times, _arms, _certainty));
            }

            return;
        }

        if (stack.IsEmpty)
        {
            location = frame.File.Ranges.Find(position);
            if (location is not null && _graph.Modules[_current].Origin is not ModuleOrigin.Framework && (IsTorchNn(location) || IsFunctional(location)))
            {
                // Code that is inherited from a module of torch.nn, or that inlining has put here.
                _inlined.Note(_current, name, arguments, null, IsFunctional(location));
                return;
            }
        }
        else
        {
            Locate(stack);
            var origin = _stacks.Explain(stack);
            location = origin.Location;
            if (origin.InFramework && _graph.Modules[_current].Origin is not ModuleOrigin.Framework)
            {
                // A module of torch.nn that is not registered, was called by its forward, or was inlined: its code, not the user's.
                _inlined.Note(_current, name, arguments, location, false);
                return;
            }

            if (IsPartOfCallBefore(frame, origin, op, stack))
            {
                return;
            }

            name = frame.Fold?.Function ?? name;
        }

        // A module that is called again runs the same code again: only what earlier calls did not show is new.
        var shown = CollectionsMarshal.GetValueRefOrAddDefault(_shown, _current, out _) ??= [];
        ref var most = ref CollectionsMarshal.GetValueRefOrAddDefault(shown, (name, location), out _);
        if (++CollectionsMarshal.GetValueRefOrAddDefault(_inCall, (name, location), out _) > most)
        {
            most++;
            var operation = new Operation { Function = name, Module = _current, OpType = op, Location = location, Certainty = _certainty };
            if (!stack.IsEmpty && _stacks.DepthOfUser(stack) > _moduleDepth)
            {
                _inlined.NoteUsers(operation);
            }
            else
            {
                _graph.Operations.Add(operation);
            }
        }
    }

    private static bool IsFunctional(SourceLocation location) => location.File.Replace('\\', '/').EndsWith("/torch/nn/functional.py", StringComparison.Ordinal);

    /// <summary>Shows an operation as a node, named as torch.export names nodes: <c>relu</c>, <c>relu_1</c>. What it computes bears the node's name.</summary>
    private ScriptValue NoteNode(Frame frame, string op, List<ScriptValue> arguments, Dictionary<string, ScriptValue> keywords, CallExpression call, ScriptValue result)
    {
        if (!_includeNodes || !HoldsTensor(result))
        {
            return result;
        }

        var series = op[(op.LastIndexOf('.') + 1)..];
        string name;
        do
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_nodeNames, series, out _);
            name = number == 0 ? series : $"{series}_{Text(number)}";
            number++;
        }
        while (_rootEdges.Contains(name));
        var stack = frame.File.Ranges.Stack(call.Function.End);
        _graph.Nodes.Add(new()
        {
            Name = name,
            OpType = op,
            Module = _current,
            Inputs = [.. arguments.Concat(keywords.Values).SelectMany(a => a.Items is { } items ? items : (IEnumerable<ScriptValue>)[a]).Where(a => a.Edge is not null).Select(a => new TensorInfo(a.Edge!))],
            Outputs = [new(name)],
            Location = stack.IsEmpty ? frame.File.Ranges.Find(call.Function.End) : _stacks.Explain(stack).Location,
        });
        return result.On(name);
    }

    private ScriptValue OnEdge(ScriptValue value, string edge) => _includeNodes && HoldsTensor(value) ? value.On(edge) : value;

    private static bool IsPartOfCallBefore(Frame frame, in TraceOrigin origin, string op, ImmutableArray<TraceFrame> stack)
    {
        if (origin.Function is null || TorchOperations.NameOfFunction(origin.Function) is not { } function || OperationTable.Find(function) is null)
        {
            frame.Fold = null;
            return false;
        }

        var mark = (op, stack[0].Line);
        var caller = stack[origin.Below..];
        if (frame.Fold is { } before && before.Function == function && before.Caller.SequenceEqual(caller) && before.Seen.Add(mark))
        {
            return true;
        }

        frame.Fold = new(function, caller, [mark]);
        return false;
    }

    private static string NameOf(string op, List<ScriptValue> arguments)
    {
        // aten::_convolution(input, weight, bias, stride, padding, dilation, transposed, ...)
        if (op is "_convolution" or "convolution" or "_convolution_mode")
        {
            var dimensions = arguments is [_, _, _, { Items: { Count: >= 1 and <= 3 } stride }, ..] ? stride.Count : 2;
            var transposed = arguments.Count > 6 && arguments[6].Literal is true;
            return (transposed ? "conv_transpose" : "conv") + Text(dimensions) + "d";
        }

        return AtenNames.Operator(op);
    }

    /// <summary>A traced call of a module has no place of its own: the first operation inside it has it in its stack.</summary>
    private void Locate(ImmutableArray<TraceFrame> stack)
    {
        foreach (var (call, depth) in _unlocated)
        {
            if (_stacks.CallSite(stack, depth) is { } location)
            {
                _graph.Calls[call] = _graph.Calls[call] with { Location = location };
            }
        }

        _unlocated.Clear();
    }

    // ---- borders

    private void NoteInterfaces(ScriptModule module, FunctionDefinition forward, IReadOnlyList<ScriptValue> arguments, ScriptValue result)
    {
        var isRoot = _graph.Modules[module.Index].Parent is null;
        if ((module.Class!.FindIsTraced() ?? _isTraced) && !isRoot)
        {
            HasTracedModules = true;
            return;
        }

        var outputs = Certainty.Certain;
        for (var i = 1; i < forward.Parameters.Length; i++)
        {
            var parameter = forward.Parameters[i];
            NoteInterface(module, forward, ValueDirection.Input, parameter.Name, Refine(_types.Read(parameter.Annotation), i <= arguments.Count ? arguments[i - 1] : null),
                i <= arguments.Count && arguments[i - 1].Kind is ScriptKind.None && parameter.Default is ConstantExpression { Value: PythonConstant.None }
                    ? Certainty.Likely("a call that leaves the argument to its default would look the same in this file")
                    : Certainty.Certain);
        }

        var returned = Refine(_types.Read(forward.Returns), result);
        if (returned.IsViolation && module.Class.File.Ranges.Mention(forward.Start, forward.End, "is_scripting("))
        {
            // What a module returns only when scripted says little of the model: a named tuple of one tensor and Nones is made for typing's sake.
            outputs = Certainty.Likely("the code asks torch.jit.is_scripting() and may return something else when it runs in Python");
            if (result is { Kind: ScriptKind.Object, Fields: { Count: > 1 } fields } && fields.Values.Count(f => f.Kind is not ScriptKind.None) == 1)
            {
                returned = ModelValueType.Unknown;
                ReturnsDifferInPython = true;
            }
        }

        if (returned is { Kind: ValueKind.Tuple, Elements: { IsDefaultOrEmpty: false } elements })
        {
            for (var i = 0; i < elements.Length; i++)
            {
                NoteInterface(module, forward, ValueDirection.Output, Text(i), elements[i], outputs);
            }
        }
        else
        {
            NoteInterface(module, forward, ValueDirection.Output, "0", returned, outputs);
        }
    }

    private void NoteInterface(ScriptModule module, FunctionDefinition forward, ValueDirection direction, string argument, ModelValueType type, Certainty certainty)
    {
        var key = (module.Index, direction, argument);
        var isNew = !_interfaces.TryGetValue(key, out var index);
        if (!isNew && (!type.IsViolation || _graph.Interfaces[index].Type.IsViolation))
        {
            return;
        }

        // A place is sought for what can be found only: most borders are tensors.
        var location = type.IsViolation || type.IsSoft ? module.Class!.File.Ranges.Definition(forward.Start, forward.End, forward.Name) : null;
        var border = new ModuleInterface { Module = module.Index, Direction = direction, Argument = argument, Type = type, Certainty = certainty, Location = location };
        if (isNew)
        {
            _interfaces.Add(key, _graph.Interfaces.Count);
            _graph.Interfaces.Add(border);
        }
        else
        {
            _graph.Interfaces[index] = border;
        }
    }

    /// <summary>The declared type, made narrower by what was handed over: an optional list that is None is no list.</summary>
    private static ModelValueType Refine(ModelValueType declared, ScriptValue? value)
    {
        if (value is null)
        {
            return declared;
        }

        switch (declared.Kind)
        {
            case ValueKind.Optional when value.Kind is ScriptKind.None || value.DefaultsToNone:
                return ModelValueType.None;
            case ValueKind.Optional when declared.Elements is [var inner] && value.Kind is ScriptKind.Tensor or ScriptKind.List or ScriptKind.Dict or ScriptKind.Tuple or ScriptKind.Object:
                return Refine(inner, value);
            case ValueKind.Tuple when value is { Kind: ScriptKind.Tuple, Items: { } items } && !declared.Elements.IsDefault && items.Count == declared.Elements.Length:
                return declared with { Elements = [.. declared.Elements.Select((e, i) => Refine(e, items[i]))] };
            case ValueKind.Unknown when value.Type is { } type:
                return type;
            default:
                return declared;
        }
    }
}
