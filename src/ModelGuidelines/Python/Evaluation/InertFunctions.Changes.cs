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

        /// <summary>Whether what is called so may be a parameter alone: no class of the files has a property of that name, and none registers a module under it.</summary>
        private bool IsOfParameters(string name)
        {
            summary.Classes = functions._classes.Count;
            return functions._classes.TrueForAll(t => !t.Members.ContainsKey(name) && !Registers(t.Definition, name, t.ExternalBases.Any(b => functions.HasParameter(b, name))));
        }

        /// <summary>Whether code sets an attribute to something that is not written like a parameter: a module, or what a function gives. What its base has as a parameter, <c>self</c> can be
        /// given nothing else for: PyTorch raises (<c>Module.__setattr__</c>).</summary>
        private static bool Registers(PythonNode node, string name, bool isBases) =>
            (node is AssignStatement s && s.Targets.Any(t => t is AttributeExpression a && a.Name == name && !(isBases && a.Value is NameExpression { Name: "self" })) && !IsParameter(s.Value, name))
            || PythonTree.Children(node).Any(c => Registers(c, name, isBases));

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
