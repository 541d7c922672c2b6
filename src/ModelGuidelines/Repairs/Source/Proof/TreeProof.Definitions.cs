using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <content>What defines new attributes: where it stands, and that it makes what it stands for.</content>
internal sealed partial class TreeProof
{
    /// <summary>Definitions of new attributes and lists, in the changed text.</summary>
    private readonly Dictionary<string, List<Made>> _defined = new(StringComparer.Ordinal);

    /// <summary>Attributes that held a function and hold its module now.</summary>
    private readonly HashSet<string> _attributes = new(StringComparer.Ordinal);

    /// <summary>Objects of a class' body that each object makes for itself.</summary>
    private readonly HashSet<(string Class, string Name)> _moved = [];

    /// <summary>Attributes that a line makes share the parameters of the one they copy.</summary>
    private readonly Dictionary<string, int> _sharing = new(StringComparer.Ordinal);

    /// <summary>A definition in the changed text.</summary>
    /// <param name="Statement">It.</param>
    /// <param name="Value">What it gives the attribute.</param>
    /// <param name="Anchor">The last statement of the original before it in its block; null where it is the first.</param>
    /// <param name="Origin">The definition of the original in whose place it stands; null where it is new.</param>
    /// <param name="Holder">What its block belongs to.</param>
    private sealed record Made(Statement Statement, Expression Value, Statement? Anchor, Statement? Origin, PythonNode? Holder);

    private void Define(string attribute, AssignStatement statement, Statement origin) =>
        Add(attribute, new(statement, statement.Value, _before.Parent(origin) is null ? null : origin, origin, _after.Parent(statement)));

    private void Add(string attribute, Made made)
    {
        var all = _defined.TryGetValue(attribute, out var known) ? known : _defined[attribute] = [];
        all.RemoveAll(m => m.Statement == made.Statement);
        all.Add(made);
    }

    /// <summary>Whether a statement of the changed text is one that changes add.</summary>
    private bool Inserted(Statement statement, ImmutableArray<Statement> block, int index, PythonNode? holder, PythonNode? newHolder)
    {
        switch (statement)
        {
            case AssignStatement { Targets: [AttributeExpression target], Value: var value } when AttributeUses.IsOfSelf(_after, target):
                return Defines(target, statement, value, block, index, newHolder);

            case AnnotatedAssignStatement { Target: AttributeExpression target, Value: { } value } when AttributeUses.IsOfSelf(_after, target):
                return _new.ContainsKey(target.Name) && Defines(target, statement, value, block, index, newHolder);

            case ImportStatement { Names: [{ Name: "copy", Alias: null }] }:
                return holder is null && newHolder is null && !IsNamedInOriginal(statement, "copy");

            // for module, shared in zip(self.act2.modules(), self.act.modules()): ...
            case ForStatement loop when index > 0 && Definition(block[index - 1]) is { } of && _new.GetValueOrDefault(of.Name) is { Kind: RepairKind.ModuleCopy } change && holder is not null && (holder as FunctionDefinition ?? _before.Method(holder).Method) is { } method:
                if (!Shares(loop, method, of, change))
                {
                    return false;
                }

                _sharing[of.Name] = _sharing.GetValueOrDefault(of.Name) + 1;
                return true;

            case FunctionDefinition { Name: "__init__" } init when holder is ClassDefinition type:
                return IsInvented(type, init);
            default:
                return false;
        }
    }

    /// <summary>Whether a loop gives a copy the parameters of what it copies, and does so with names that the function has for nothing else.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="method">The function in the original.</param>
    /// <param name="of">The copy, where it is defined.</param>
    /// <param name="change">What is copied.</param>
    private bool Shares(ForStatement loop, FunctionDefinition method, AttributeExpression of, SourceChange change)
    {
        var names = SourceTree.Below(loop).OfType<ForStatement>().SelectMany(l => SourceTree.Below(l.Target)).OfType<NameExpression>().Select(n => n.Name).ToList();
        if (names.Count != (change.IsList ? 5 : 4) || names.Distinct(StringComparer.Ordinal).Count() != names.Count || names.Exists(n => Means(method, n)))
        {
            return false;
        }

        static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var owner = _after.Text(of.Value);
        return Words(_after.Text(loop)) == Words(SharingLines.Of(_after.Text(of), SharingLines.First(owner, change.Copied), change.IsList, change.IsList ? [.. names.Skip(1), names[0]] : [.. names, ""], " "));
    }

    private bool Defines(AttributeExpression target, Statement statement, Expression value, ImmutableArray<Statement> block, int index, PythonNode? newHolder)
    {
        if (!_new.ContainsKey(target.Name) && !_lists.ContainsKey(target.Name) && !_isShared)
        {
            return false;
        }

        var anchor = block.Take(index).Select(s => _origins.GetValueOrDefault(s)).LastOrDefault(s => s is not null);
        if (_new.ContainsKey(target.Name) && !IsHeldBefore(target.Name))
        {
            Add(target.Name, new(statement, value, anchor, null, newHolder));
            return true;
        }

        if (_lists.GetValueOrDefault(target.Name) is { IsList: true } && _gone.Exists(g => g.Statement is AssignStatement { Targets: [AttributeExpression gone] } && gone.Name == target.Name) && ListOver(value) is not null)
        {
            Add(target.Name, new(statement, value, anchor, null, newHolder));
            return true;
        }

        if (!_isShared || newHolder is not FunctionDefinition init)
        {
            return false;
        }

        var words = Bare(_after.Text(value));
        if (_split.TryGetValue(Bare(_after.Text(target)), out var made) && made == words && anchor is AssignStatement { Targets.Length: > 1 } several && several.Targets.Any(t => Bare(_before.Text(t)) == Bare(_after.Text(target))))
        {
            return true;
        }

        // act = nn.ReLU() of the class' body.
        if (init.Name == "__init__" && _after.Method(statement).Class is { } type && _gone.Exists(g => g.Holder is ClassDefinition c && c.Name == type.Name && g.Statement is AssignStatement { Targets: [NameExpression name], Value: var own } && name.Name == target.Name && Bare(_before.Text(own)) == words)
            && (anchor is null || IsBehindSuper(anchor)) && !ReturnsBefore(block, index))
        {
            return _moved.Add((type.Name, target.Name)) || true;
        }

        return false;
    }

    /// <summary>Whether the file that a statement is added to says a name already.</summary>
    private bool IsNamedInOriginal(Statement added, string name) => _originals[_after.Of(added)] is var before && (before.Module.Find(name) is not null || before.Nodes.OfType<NameExpression>().Any(n => n.Name == name && before.Find(name, n) is null));

    /// <summary>Whether the original has the attribute: then it holds a function that becomes a module.</summary>
    private bool IsHeldBefore(string attribute) => _before.Nodes.OfType<AttributeExpression>().Any(a => a.Name == attribute && IsWritten(a));

    private AttributeExpression? Definition(Statement statement) => statement switch
    {
        AssignStatement { Targets: [AttributeExpression a] } when AttributeUses.IsOfSelf(_after, a) => a,
        AnnotatedAssignStatement { Target: AttributeExpression a } when AttributeUses.IsOfSelf(_after, a) => a,
        _ => null,
    };

    /// <summary><c>def __init__(self): super().__init__(); self.act = nn.ReLU()</c> in a class that had none.</summary>
    private bool IsInvented(ClassDefinition type, FunctionDefinition init)
    {
        if (_before.ScopeOf(type).Find("__init__") is not null || type.Arguments is not [{ Name: null, Stars: 0, Value: var only }] || _before.Resolve(only) is not "torch.nn.Module" || init is not { Parameters: [{ Name: "self", Annotation: null, Default: null, Kind: ParameterKind.Ordinary }], Decorators.IsEmpty: true, IsAsync: false, Returns: null }
            || Bare(_after.Text(init.Body[0])) != "super().__init__()" || _after.Find("super", init.Body[0]) is not null)
        {
            return false;
        }

        for (var i = 1; i < init.Body.Length; i++)
        {
            if (Definition(init.Body[i]) is not { } target || _new.GetValueOrDefault(target.Name) is not { Kind: RepairKind.FunctionalToModule } || !Inserted(init.Body[i], init.Body, i, null, init))
            {
                return false;
            }
        }

        return init.Body.Length > 1;
    }

    /// <summary>What is wrong with the definitions of what is new; null where nothing is.</summary>
    private string? Definitions()
    {
        if (Gone() is { } gone)
        {
            return gone;
        }

        foreach (var change in _changes.Where(c => c.Shared is null))
        {
            var made = _defined.GetValueOrDefault(change.Attribute, []);
            if (change.Kind is RepairKind.FunctionalToModule && _attributes.Contains(change.Attribute))
            {
                continue;
            }

            if (change.Class is null || made.Count == 0)
            {
                return $"'{change.Attribute}' is not defined";
            }

            if (made.Find(m => !IsRight(change, m)) is { } wrong)
            {
                return $"line {_after.LineOf(wrong.Statement)} of the changed text does not make what '{change.Attribute}' stands for, or not where it is needed: '{_after.Text(wrong.Statement)}'";
            }

            if (change is { Kind: RepairKind.ModuleCopy, IsList: false })
            {
                // Beside each definition of the first, and beside no other.
                var needed = Sources(change).ToHashSet();
                if (!needed.SetEquals(made.Select(m => Source(change, m)).OfType<Statement>()) || made.Count != needed.Count)
                {
                    return $"'{change.Attribute}' is not defined wherever what it copies is";
                }
            }
            else if (made.Count != 1)
            {
                return $"'{change.Attribute}' is defined several times";
            }

            if ((change.SharesParameters ? made.Count(m => m.Value is not ConstantExpression) : 0) != _sharing.GetValueOrDefault(change.Attribute))
            {
                return $"'{change.Attribute}' {(change.SharesParameters ? "does not share" : "shares")} the parameters of what it copies";
            }
        }

        return null;
    }

    private bool IsRight(SourceChange change, Made made)
    {
        var isFunction = change.Kind is RepairKind.FunctionalToModule;
        var value = made.Value;
        if (change.IsList)
        {
            if (ListOver(value) is not var (element, count) || !(InInit(change, made) || (!isFunction && Sources(change) is [var first] && (made.Origin ?? made.Anchor) == first)) || !_counted.Exists(c => c.Change == change) || !_counted.TrueForAll(c => c.Change != change || (c.Outer is null ? Counts(c.Loop, count, c.IsLess, change.Class!) : Counts(c.Outer, c.Loop, count, c.IsLess, change.Class!))))
            {
                return false;
            }

            if (!isFunction)
            {
                return Sources(change) is [var only] && ValueOf(only) is { } words && _before.Text(words) == _after.Text(element) && IsBehind(only, made) && (made.Anchor == only || IsSettled(words));
            }

            value = element;
        }

        return isFunction ? InInit(change, made) && IsModuleOf(change, value) : IsCopy(change, made);
    }

    /// <summary>A copy beside what it copies: made with the same words, or a deep copy.</summary>
    private bool IsCopy(SourceChange change, Made made) => Source(change, made) is { } source && (
        made.Value is CallExpression { Arguments: [{ Name: null, Stars: 0, Value: AttributeExpression copied }] } copy && _after.Resolve(copy.Function) is "copy.deepcopy" && copied.Name == change.Copied && AttributeUses.IsOfSelf(_after, copied)
        || WordsOf(change, source) is { } words && _before.Text(words) == _after.Text(made.Value)
            && (made.Statement is not AnnotatedAssignStatement annotated || (source is AnnotatedAssignStatement first && _before.Text(first.Annotation) == _after.Text(annotated.Annotation))));

    private Expression? WordsOf(SourceChange change, Statement source) => change.Copied.LastIndexOf('.') is var dot and > 0 ? Elements(change.Copied[..dot], change.Class).Where(e => e.Key == change.Copied[(dot + 1)..]).Select(e => e.Words).FirstOrDefault() : ValueOf(source);

    /// <summary>The definition of the original right beside which a new one stands.</summary>
    private Statement? Source(SourceChange change, Made made)
    {
        var sources = Sources(change);
        if (made.Anchor is { } anchor && sources.Contains(anchor))
        {
            return anchor;
        }

        // Its definition was moved to stand behind what counts the rounds of its list.
        return _lists.ContainsKey(change.Copied) && _defined.GetValueOrDefault(change.Copied) is [{ Origin: null } list] && list.Anchor == made.Anchor && list.Holder == made.Holder && list.Statement.Start < made.Statement.Start && sources is [var only] && ValueOf(only) is { } words && IsSettled(words) ? only : null;
    }

    private static Expression? ValueOf(Statement statement) => statement switch
    {
        AssignStatement s => s.Value,
        AnnotatedAssignStatement s => s.Value,
        _ => null,
    };

    /// <summary>What defines what a change copies, in the original.</summary>
    private List<Statement> Sources(SourceChange change)
    {
        var name = change.Copied.LastIndexOf('.') is var dot and > 0 ? change.Copied[..dot] : change.Copied;
        return [.. Kin(change.Class).SelectMany(SourceTree.Below).OfType<Statement>().Where(s => (s switch
        {
            AssignStatement { Targets: [AttributeExpression a] } => a,
            AnnotatedAssignStatement { Target: AttributeExpression a, Value: not null } => a,
            _ => null,
        }) is { } target && target.Name == name && AttributeUses.IsOfSelf(_before, target)).Distinct()];
    }

    /// <summary>The elements of a list or dictionary that is written out, by their keys.</summary>
    private List<(string Key, Expression Words)> Elements(string holder, ClassDefinition? type)
    {
        var found = Kin(type).SelectMany(SourceTree.Below).OfType<AssignStatement>().Where(s => s.Targets is [AttributeExpression a] && a.Name == holder && AttributeUses.IsOfSelf(_before, a)).Distinct().ToList();
        if (found is not [{ Value: CallExpression made }])
        {
            return [];
        }

        List<(string Key, Expression Words)> Numbered(IEnumerable<Expression> elements) => elements.Any(e => e is StarredExpression) ? [] : [.. elements.Select((e, i) => (i.ToString(System.Globalization.CultureInfo.InvariantCulture), e))];
        return (_before.Resolve(made.Function), made.Arguments) switch
        {
            ("torch.nn.ModuleList", [{ Name: null, Stars: 0, Value: ListExpression l }]) => Numbered(l.Elements),
            ("torch.nn.ModuleList", [{ Name: null, Stars: 0, Value: TupleExpression t }]) => Numbered(t.Elements),
            ("torch.nn.Sequential", var given) when given.All(a => a is { Name: null, Stars: 0 }) => Numbered(given.Select(a => a.Value)),
            ("torch.nn.ModuleDict", [{ Name: null, Stars: 0, Value: DictExpression d }]) when d.Keys.All(k => k is StringExpression) => [.. d.Keys.Zip(d.Values).Select(p => (((StringExpression)p.First!).Value, p.Second))],
            _ => [],
        };
    }

    /// <summary>What <c>nn.ModuleList([words for _ in count])</c> makes, and over what; null for anything else.</summary>
    private (Expression Element, Expression Count)? ListOver(Expression value) =>
        value is CallExpression { Arguments: [{ Name: null, Stars: 0, Value: ComprehensionExpression { Kind: ComprehensionKind.List, Value: null, Element: var element, Clauses: [{ IsAsync: false, Conditions.IsEmpty: true, Target: NameExpression { Name: "_" }, Iterable: var count }] } }] } made
        && _after.Resolve(made.Function) is "torch.nn.ModuleList" && !SourceTree.Below(element).OfType<NameExpression>().Any(n => n.Name == "_") ? (element, count) : null;

    /// <summary>Whether names that an expression reads are set once, so that it says the same further down.</summary>
    private bool IsSettled(Expression words) => SourceTree.Below(words).All(n => n switch
    {
        NameExpression name => _before.Find(name.Name, name) is not { } binding || binding.Import is not null || binding.All.Count == 1,
        AttributeExpression a => _before.Resolve(a) is not null || !AttributeUses.IsOfSelf(_before, a),
        _ => true,
    });

    private static bool IsBehind(Statement source, Made made) => made.Origin == source || (made.Anchor is { } anchor && anchor.Start >= source.Start);

    /// <summary>Whether a definition stands in the <c>__init__</c> of its class, at its own level, where it runs whenever the base's has run.</summary>
    private bool InInit(SourceChange change, Made made)
    {
        if (made.Holder is not FunctionDefinition { Name: "__init__", IsAsync: false } init || _after.Parent(init) is not ClassDefinition type || type.Name != change.Class!.Name)
        {
            return false;
        }

        var index = init.Body.IndexOf(made.Statement);
        var super = InitBody.SuperCall(new(_after, type), init);
        return super is not null && init.Body.IndexOf(super) < index && !ReturnsBefore(init.Body, index);
    }

    private bool IsBehindSuper(Statement anchor) => _before.Parent(anchor) is FunctionDefinition init && _before.Parent(init) is ClassDefinition type && InitBody.SuperCall(new(_before, type), init) is { } super && super.Start <= anchor.Start;

    private static bool ReturnsBefore(ImmutableArray<Statement> block, int index) => block.Take(index).Any(s => Within(s).Any(n => n is ReturnStatement) || s is RaiseStatement or WhileStatement { Test: ConstantExpression or NumberExpression });

    /// <summary>What a statement itself may run, without functions and classes inside.</summary>
    private static IEnumerable<PythonNode> Within(PythonNode node) => node is FunctionDefinition or ClassDefinition or LambdaExpression ? [] : PythonTree.Children(node).SelectMany(Within).Prepend(node);

    /// <summary>Whether an attribute that a definition reads is set once, at the level of <c>__init__</c>, before it.</summary>
    private bool IsSetBefore(AttributeExpression read, ClassDefinition type)
    {
        var targets = Kin(type).SelectMany(SourceTree.Below).OfType<AttributeExpression>().Where(a => a.Name == read.Name && IsWritten(a) && AttributeUses.IsOfSelf(_before, a)).Distinct().ToList();
        var filled = Kin(type).SelectMany(SourceTree.Below).OfType<AttributeExpression>().Where(a => a.Name == read.Name && AttributeUses.IsOfSelf(_before, a) && SetInInit.IsFilled(_before, a)).Distinct().ToList();
        if (targets is not [var first, ..] || _before.Method(first).Method is not { Name: "__init__" } before || SetInInit.Of(_before, before, targets, filled) is not { Count: > 0 } set)
        {
            return false;
        }

        var init = _after.Method(read).Method;
        var place = init?.Body.FirstOrDefault(s => s.Start <= read.Start && read.End <= s.End);
        if (place is null)
        {
            return false;
        }

        var earlier = init!.Body.TakeWhile(s => s != place).ToList();
        return set.TrueForAll(o => earlier.Exists(s => _origins.GetValueOrDefault(s) == o || (_lists.ContainsKey(read.Name) && _defined.GetValueOrDefault(read.Name, []).Exists(d => d.Statement == s && d.Origin == o))));
    }

    /// <summary>Whether a definition makes the module of the function that was called, with the call's arguments.</summary>
    private bool IsModuleOf(SourceChange change, Expression value)
    {
        // Of a method that is handed a module, each call's is made like the first.
        var call = _replaced.GetValueOrDefault(change) ?? _replaced.FirstOrDefault(r => r.Key.Finding == change.Finding && _users.ContainsKey(change)).Value;
        if (call is null || value is not CallExpression made || made.Arguments.Any(a => a.Stars > 0) || Info(call, change) is not { ModuleClass: { } type } info || _after.Resolve(made.Function) != type || Bound(call, info) is not var (_, rest))
        {
            return false;
        }

        if (info.Name == "pad")
        {
            return string.Join(", ", made.Arguments.Select(a => _after.Text(a.Value))) == Padding.Constructor(call, info, _before.Of(call).File) && made.Arguments.All(a => a.Name is null);
        }

        var own = ClassFamily.Self(_before.Method(call).Method!)!;
        if (info.Parameters.Contains("training", StringComparer.Ordinal) && !(rest.Remove("training", out var training) && training is AttributeExpression { Name: "training", Value: NameExpression { Name: var owner } } && owner == own))
        {
            return false;
        }

        var isInPlace = call.Function switch
        {
            AttributeExpression a => a.Name,
            NameExpression n => _before.Resolve(n) is { } path ? path[(path.LastIndexOf('.') + 1)..] : n.Name,
            _ => "",
        } is { Length: > 1 } name && name[^1] == '_';
        var given = new Dictionary<string, Expression>(StringComparer.Ordinal);
        for (var i = 0; i < made.Arguments.Length; i++)
        {
            var parameter = made.Arguments[i].Name ?? info.ConstructorParameters.ElementAtOrDefault(i);
            if (parameter is null || !given.TryAdd(parameter, made.Arguments[i].Value))
            {
                return false;
            }
        }

        if (isInPlace && (rest.Remove("inplace") || true) && !(given.Remove("inplace", out var inPlace) && inPlace is ConstantExpression { Value: PythonConstant.True }))
        {
            return false;
        }

        return given.Count == rest.Count && rest.All(r => given.TryGetValue(r.Key, out var other) && IsSameValue(r.Value, other, own, change.Class!));
    }

    /// <summary>Whether an argument of the constructor is that of the call: written out, or an attribute that is set before.</summary>
    private bool IsSameValue(Expression before, Expression after, string own, ClassDefinition type) => (before, after) switch
    {
        (ListExpression l, TupleExpression t) => l.Elements.Length == t.Elements.Length && l.Elements.Zip(t.Elements).All(p => IsSameValue(p.First, p.Second, own, type)),
        (ListExpression l, ListExpression t) => l.Elements.Length == t.Elements.Length && l.Elements.Zip(t.Elements).All(p => IsSameValue(p.First, p.Second, own, type)),
        (TupleExpression l, TupleExpression t) => l.Elements.Length == t.Elements.Length && l.Elements.Zip(t.Elements).All(p => IsSameValue(p.First, p.Second, own, type)),
        (AttributeExpression { Value: NameExpression owner } a, AttributeExpression b) => owner.Name == own && a.Name == b.Name && AttributeUses.IsOfSelf(_after, b) && IsSetBefore(b, type),
        (NumberExpression or StringExpression or ConstantExpression or UnaryExpression { Operand: NumberExpression }, _) => before.GetType() == after.GetType() && _before.Text(before) == _after.Text(after),
        _ => false,
    };

    /// <summary>What is wrong with how the new modules are used; null where nothing is.</summary>
    private string? Uses()
    {
        foreach (var change in _lists.Values.Where(c => c.IsList))
        {
            // Where the module was called there is a list now: nobody may take it for the module still.
            if (Kin(change.Class).SelectMany(SourceTree.Below).OfType<AttributeExpression>().FirstOrDefault(a => a.Name == change.Copied && AttributeUses.IsOfSelf(_before, a) && !IsWritten(a) && !_taken.ContainsKey(a) && !IsThrough(a, change)) is { } still)
            {
                return $"line {_before.LineOf(still)} uses '{change.Copied}', which is a list now";
            }
        }

        if (_handed.Keys.FirstOrDefault(h => !_asked.Contains(h)) is { } deaf)
        {
            return $"'{deaf}' does not call what it is handed";
        }

        foreach (var pair in _handing)
        {
            var parts = pair.Split(' ');
            if (_handed.GetValueOrDefault(parts[0]) != parts[1])
            {
                return $"'{parts[0]}' takes no '{parts[1]}'";
            }
        }

        // Each new module stands for one place; another place of what it copies is left to the first.
        foreach (var change in _changes.Where(c => c.Shared is null && !_attributes.Contains(c.Attribute)))
        {
            if (_users.GetValueOrDefault(change) is not { Count: var count and > 0 } || (count > 1 && !change.IsList))
            {
                return $"'{change.Attribute}' is called at {(_users.ContainsKey(change) ? "several places" : "no place")}";
            }
        }

        return null;
    }

    /// <summary>Whether an attribute is only given the local name, or returned by the property, by which it was called.</summary>
    private bool IsThrough(AttributeExpression attribute, SourceChange change) => _before.Parent(attribute) switch
    {
        AssignStatement { Targets: [NameExpression name] } => _taken.Any(t => t.Key is NameExpression n && n.Name == name.Name && t.Value == change),
        ReturnStatement => _before.Method(attribute).Method is { } property && _taken.Any(t => t.Key is AttributeExpression a && a.Name == property.Name && t.Value == change),
        _ => false,
    };

    private bool IsKin(ClassDefinition type, ClassDefinition? other) => Kin(other).Contains(type);

    /// <summary>What a class is called by those that derive from it: in one file its name, in several the class itself.</summary>
    private object NameOf(ClassDefinition type) => _project is null ? type.Name : type;

    /// <summary>What a class derives from but the plain module.</summary>
    private List<object> BasesOf(ClassDefinition type) => _project?.TreeAt(_before.Of(type).Path) is { } tree ? [.. new ClassFamily(_project, new(tree, type)).Bases.Skip(1).Select(b => b.Node)]
        : [.. type.Arguments.Where(a => a.Name is null).Select(a => Chain.Last(a.Value)).Where(n => n is not ("Module" or ""))];

    /// <summary>A class with those of the file that derive from it or from which it derives, by their names.</summary>
    private HashSet<ClassDefinition> Kin(ClassDefinition? type)
    {
        if (type is null)
        {
            return [];
        }

        if (_kin.TryGetValue(type, out var known))
        {
            return known;
        }

        var kin = new HashSet<ClassDefinition>(ReferenceEqualityComparer.Instance) { type };
        var classes = _before.Nodes.OfType<ClassDefinition>().Select(c => (Class: c, Bases: BasesOf(c))).ToList();
        for (var count = 0; count != kin.Count;)
        {
            count = kin.Count;
            var bases = classes.Where(c => kin.Contains(c.Class)).SelectMany(c => c.Bases).ToHashSet();
            kin.UnionWith(classes.Where(c => bases.Contains(NameOf(c.Class)) || c.Bases.Any(b => kin.Any(k => b.Equals(NameOf(k))))).Select(c => c.Class));
        }

        return _kin[type] = kin;
    }

    private readonly Dictionary<ClassDefinition, HashSet<ClassDefinition>> _kin = new(ReferenceEqualityComparer.Instance);
}
