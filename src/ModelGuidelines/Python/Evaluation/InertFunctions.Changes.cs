using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What is changed in place: nothing that others have, or nothing that is followed.</content>
internal sealed partial class InertFunctions
{
    private readonly Dictionary<(PythonNode Node, string Unknown), (int Classes, bool IsProven, bool IsSilent)> _changes = [];

    /// <summary>Whether a function that calls itself leaves behind nothing but what it does to arguments of which nothing is known: a call of it that is given no more need not be followed.</summary>
    /// <returns>Whether that is proven, and whether it gives None and raises nothing of its own: then nobody can tell that it was called.</returns>
    public (bool IsProven, bool IsSilent) ChangesOnlyUnknown(FunctionValue function, CallArguments given)
    {
        if (function.Node is not FunctionDefinition { IsAsync: false } definition || !IsPlain(function))
        {
            return default;
        }

        var unknown = definition.Parameters.Where((p, i) => given.Find(p.Kind is ParameterKind.KeywordOnly ? -1 : i, p.Name) is UnknownValue).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var holder = given.Positional is [ObjectValue { Class: { } type }, ..] && type.Find(definition.Name)?.Value is FunctionValue own && own.Node == definition ? definition.Parameters[0].Name : null;
        var asked = ((PythonNode)definition, $"{holder}: {string.Join(' ', unknown)}");
        if (!_changes.TryGetValue(asked, out var known) || known.Classes != _classes.Count)
        {
            var summary = new Summary();
            var reader = new Reader(this, summary, new Scope(function.Closure.Module, function.Closure), definition.Parameters) { Itself = definition, Holder = holder, Unknown = unknown };
            var isProven = reader.IsInert(definition) && summary.Called.Count == 0;
            known = _changes[asked] = (_classes.Count, isProven, isProven && summary is { Result: "", Refuses: false });
        }

        return (known.IsProven, known.IsSilent);
    }

    /// <summary>Whether objects of a library's class have a parameter of that name from their constructor on.</summary>
    private bool HasParameter(string external, string name) => _libraries.Class(external) is { Kind: ClassKind.TorchModule } known && _libraries.Up(known, t => t.Attributes.Any(a => a.Name == name && a.Is is Returns.Tensor) ? t : null) is not null;

    private sealed partial class Reader
    {
        private readonly HashSet<string> _filled = new(StringComparer.Ordinal);

        /// <summary>The function that is read, where it is asked what its calls within itself leave behind.</summary>
        public FunctionDefinition? Itself { get; init; }

        /// <summary>Its parameters of which nothing is known.</summary>
        public HashSet<string> Unknown { get; init; } = [];

        /// <summary>A parameter of which nothing is known: what is done to it is not followed.</summary>
        private bool IsUnknown(NameExpression name) => Unknown.Contains(name.Name) && !_locals.ContainsKey(name.Name);

        /// <summary>The parameter that is an object whose method the function is.</summary>
        public string? Holder { get; init; }

        /// <summary>A method by its name that is the function that is read: the holder's, or whosesoever where all classes mean it by that name.</summary>
        private bool IsItself(AttributeExpression method) => Itself?.Name == method.Name
            && ((method.Value is NameExpression holder && holder.Name == Holder && !_locals.ContainsKey(holder.Name))
                || functions._classes.TrueForAll(t => !t.Members.TryGetValue(method.Name, out var m) || (m is FunctionValue f && f.Node == Itself)));

        private readonly HashSet<string> _asserted = new(StringComparer.Ordinal);

        /// <summary>Names of which the function says first of all that they are modules: <c>assert isinstance(layer, nn.Module)</c>.</summary>
        private void Asserted(FunctionDefinition definition)
        {
            foreach (var assert in definition.Body.SkipWhile(s => s is ExpressionStatement { Value: StringExpression }).TakeWhile(s => s is AssertStatement).Cast<AssertStatement>())
            {
                foreach (var test in assert.Test is BooleanExpression { IsAnd: true } all ? all.Values : [assert.Test])
                {
                    if (test is CallExpression { Function: NameExpression { Name: "isinstance" }, Arguments: [{ Value: NameExpression name }, { Value: var type }] } && type is NameExpression or AttributeExpression && !IsLocal("isinstance")
                        && functions._evaluate(type, scope) is ExternalValue { Name: var external } && functions._libraries.Class(external) is { Kind: ClassKind.TorchModule })
                    {
                        _asserted.Add(name.Name);
                    }
                }
            }
        }

        /// <summary>No module is of that class, nor of one that derives from it: a configuration, a layer of Keras.</summary>
        private bool IsNoModule(ClassValue type) => type is { Kind: not ClassKind.TorchModule, HasUnknownBase: false } && !functions._classes.Exists(c => c.Kind is ClassKind.TorchModule && c.Derives(type));

        /// <summary>Whether what is called so may be a parameter alone: no class of the files has a property of that name, and none registers a module under it.</summary>
        private bool IsOfParameters(AttributeExpression target)
        {
            var name = target.Name;
            var isModules = target.Value is NameExpression holder && _asserted.Contains(holder.Name) && !_locals.ContainsKey(holder.Name);
            summary.Classes = functions._classes.Count;
            return functions._classes.TrueForAll(t => (isModules && IsNoModule(t)) || (!t.Members.ContainsKey(name) && !Registers(t.Definition, name, holder => HasParameter(t, holder, name))));
        }

        /// <summary>Whether code sets an attribute to something that is not written like a parameter: a module, or what a function gives. What its base has as a parameter, <c>self</c> can be
        /// given nothing else for: PyTorch raises (<c>Module.__setattr__</c>).</summary>
        private static bool Registers(PythonNode node, string name, Predicate<Expression> hasParameter) =>
            (node is AssignStatement s && s.Targets.Any(t => t is AttributeExpression a && a.Name == name && !hasParameter(a.Value)) && !IsParameter(s.Value, name))
            || PythonTree.Children(node).Any(c => Registers(c, name, hasParameter));

        /// <summary>Whether what an expression of a class's code names has such a parameter from its constructor on: <c>self</c>, by a base of a library; <c>self.decoder</c>, where the class makes nothing
        /// else of it than such layers of a library.</summary>
        private bool HasParameter(ClassValue type, Expression holder, string name)
        {
            bool Has(Expression? made) => made is CallExpression { Function: NameExpression or AttributeExpression } call && functions._evaluate(call.Function, type.Module.Scope) is ExternalValue { Name: var made2 } && functions.HasParameter(made2, name);
            return holder is NameExpression { Name: "self" } ? type.ExternalBases.Any(b => functions.HasParameter(b, name))
                : holder is AttributeExpression { Value: NameExpression { Name: "self" } } child && SetTo(type.Definition, child.Name) is { Count: > 0 } values && values.TrueForAll(Has);
        }

        /// <summary>What code sets an attribute of <c>self</c> to; null for what is no single value.</summary>
        private static List<Expression?> SetTo(PythonNode node, string attribute)
        {
            bool IsIt(Expression target) => target is AttributeExpression { Value: NameExpression { Name: "self" } } a && a.Name == attribute;
            bool IsWithin(Expression target) => target is TupleExpression or ListExpression or StarredExpression && PythonTree.Children(target).OfType<Expression>().Any(t => IsIt(t) || IsWithin(t));
            static IEnumerable<PythonNode> All(PythonNode node) => PythonTree.Children(node).SelectMany(All).Prepend(node);
            return [.. All(node).SelectMany(n => n switch
            {
                AssignStatement s => s.Targets.Where(t => IsIt(t) || IsWithin(t)).Select(t => IsIt(t) ? s.Value : null),
                AnnotatedAssignStatement s when IsIt(s.Target) => [s.Value],
                AugmentedAssignStatement s when IsIt(s.Target) => [null],
                ForStatement s when IsIt(s.Target) || IsWithin(s.Target) => [null],
                _ => Array.Empty<Expression?>(),
            })];
        }

        private static bool IsParameter(Expression value, string name) => value switch
        {
            ConstantExpression => true,
            AttributeExpression a => a.Name == name,
            CallExpression { Function: NameExpression { Name: "Parameter" } or AttributeExpression { Name: "Parameter" or "zeros" or "ones" or "empty" or "randn" or "rand" or "tensor" } } => true,
            ConditionalExpression c => IsParameter(c.Body, name) && IsParameter(c.OrElse, name),
            _ => false,
        };

        /// <summary>Whether <c>+=</c> adds nothing to a list, dictionary or module that somebody else has: it changes these in place, under whatever name.</summary>
        private bool MayChange(AugmentedAssignStatement statement) => statement.Operator is not (PythonOperator.Add or PythonOperator.BitOr or PythonOperator.Multiply)
            || statement.Target is AttributeExpression { Name: "data" } or SubscriptExpression { Value: AttributeExpression }
            || (statement.Operator is not PythonOperator.Multiply && IsData(statement.Value))
            || (statement.Target is NameExpression name && IsFresh(name));

        /// <summary>Numbers and texts: a list to which they are added holds no module more.</summary>
        private bool IsData(Expression value) => value switch
        {
            ConstantExpression or StringExpression or FormattedStringExpression or NumberExpression or CompareExpression => true,
            UnaryExpression u => IsData(u.Operand),
            BinaryExpression { Operator: not PythonOperator.Multiply } b => IsData(b.Left) || IsData(b.Right),
            ListExpression l => l.Elements.All(IsData),
            SetExpression s => s.Elements.All(IsData),
            ComprehensionExpression { Kind: ComprehensionKind.List or ComprehensionKind.Set } c => IsData(c.Element),
            CallExpression { Function: NameExpression { Name: "list" }, Arguments: [{ Value: NameExpression own }] } => IsOwn(own) && !_filled.Contains(own.Name) && _locals[own.Name].TrueForAll(v => IsData(v!)),
            _ => false,
        };

        /// <summary>A local name of what is made where it is set, or of numbers of tensors: nobody else has what is changed in place.</summary>
        private bool IsFresh(NameExpression name) => IsSetTo(name, v =>
            v is ListExpression or SetExpression or DictExpression or ComprehensionExpression or BinaryExpression or AttributeExpression { Name: "data" or "grad" }
            || (v is NameExpression n && n.Name == name.Name)
            || (v is CallExpression { Function: AttributeExpression f } && Chain(f) is { } root && !IsLocal(root) && functions._evaluate(f, scope) is ExternalValue)
            || (v is not null && IsData(v)));
    }
}
