using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>One call, and what it stands in.</summary>
/// <param name="Call">The call.</param>
/// <param name="Class">The class around it; null outside of classes.</param>
/// <param name="Method">The method of that class; null outside of methods.</param>
/// <param name="Repeats">Whether it stands in a loop, a comprehension or a function of its own, so that one pass may run it several times.</param>
internal sealed record CallSitePlace(CallExpression Call, ClassDefinition? Class, FunctionDefinition? Method, bool Repeats)
{
    /// <summary>What the method calls its object.</summary>
    public string? Self => Method?.Parameters is [var first, ..] && !Method.Decorators.Any(d => d is NameExpression { Name: "staticmethod" or "classmethod" }) ? first.Name : null;
}

/// <summary>An assignment to an attribute of the object in a class' <c>__init__</c>.</summary>
internal sealed record AttributeDefinition(ClassDefinition Class, string Attribute, Statement Statement, Expression? Value, bool IsPlain, bool IsInInit);

/// <summary>What a repair asks of a file: calls by their place, attributes by class, imports.</summary>
internal sealed class SourceIndex
{
    private readonly Dictionary<(int Line, int Column), List<CallSitePlace>> _calls = [];

    public SourceIndex(PythonFile file)
    {
        File = file;
        var pending = new Stack<(PythonNode Node, ClassDefinition? Class, FunctionDefinition? Method, bool Repeats)>();
        foreach (var statement in file.Statements.Reverse())
        {
            pending.Push((statement, null, null, false));
        }

        while (pending.TryPop(out var item))
        {
            Visit(item.Node, item.Class, item.Method, item.Repeats);
            var (type, method, repeats) = (item.Class, item.Method, item.Repeats);
            switch (item.Node)
            {
                case ClassDefinition c:
                    (type, method, repeats) = (c, null, false);
                    Classes.Add(c);
                    break;
                case FunctionDefinition f:
                    Functions.Add(f);
                    (method, repeats) = method is null ? (f, false) : (method, true);
                    break;
                case LambdaExpression or WhileStatement or ForStatement or ComprehensionExpression:
                    repeats = true;
                    break;
            }

            foreach (var child in PythonTree.Children(item.Node).Reverse())
            {
                pending.Push((child, type, method, repeats));
            }
        }
    }

    public PythonFile File { get; }

    public List<ClassDefinition> Classes { get; } = [];

    public List<FunctionDefinition> Functions { get; } = [];

    public List<AttributeDefinition> Attributes { get; } = [];

    /// <summary>Names bound by imports, and what they stand for: <c>F</c> is <c>torch.nn.functional</c>.</summary>
    public Dictionary<string, string> Imports { get; } = new(StringComparer.Ordinal);

    /// <summary>Uses of an object's attributes other than calls of it and assignments to it, by name.</summary>
    public HashSet<string> OtherUses { get; } = new(StringComparer.Ordinal);

    /// <summary>Names that objects of this file's classes may have: attributes, methods, and whatever stands in texts.</summary>
    public HashSet<string> ObjectNames { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<CallSitePlace> CallsAt(int line, int? column) => _calls.GetValueOrDefault((line, column ?? 0)) ?? [];

    public static FunctionDefinition? InitOf(ClassDefinition type) => type.Body.OfType<FunctionDefinition>().LastOrDefault(f => f.Name == "__init__");

    /// <summary>The class and those of its bases that stand in this file, nearest first.</summary>
    public List<ClassDefinition> WithBases(ClassDefinition type)
    {
        var result = new List<ClassDefinition> { type };
        for (var i = 0; i < result.Count && result.Count < 64; i++)
        {
            foreach (var name in result[i].Arguments.Where(a => a.Name is null).Select(a => (a.Value as NameExpression)?.Name))
            {
                if (Classes.Find(c => c.Name == name) is { } found && !result.Contains(found))
                {
                    result.Add(found);
                }
            }
        }

        return result;
    }

    /// <summary>What a dotted expression stands for, when it begins with an imported name: <c>F.relu</c> is <c>torch.nn.functional.relu</c>.</summary>
    public string? Resolve(Expression expression) => expression switch
    {
        NameExpression name => Imports.GetValueOrDefault(name.Name),
        AttributeExpression a when Resolve(a.Value) is { } value => $"{value}.{a.Name}",
        _ => null,
    };

    /// <summary>How this file writes a class of torch.nn: <c>nn.ReLU</c>, <c>torch.nn.ReLU</c>; null when it imports neither.</summary>
    public string? ClassName(string type)
    {
        var name = type[(type.LastIndexOf('.') + 1)..];
        foreach (var path in new[] { "torch.nn", "torch" })
        {
            if (Imports.Where(i => i.Value == path).Select(i => i.Key).Order(StringComparer.Ordinal).FirstOrDefault() is { } prefix)
            {
                return path == "torch" ? $"{prefix}.nn.{name}" : $"{prefix}.{name}";
            }
        }

        return Imports.Where(i => i.Value == type).Select(i => i.Key).FirstOrDefault();
    }

    /// <summary>Where a line of its own can be put behind a statement; null when the statement does not begin its line.</summary>
    public InsertionPlace? EndOfLine(Statement statement) => IndentOf(statement) is { } indent ? Behind(statement, indent) : null;

    /// <summary>Where a line of its own can be put at the end of a function; null when the body stands on the function's own line.</summary>
    public InsertionPlace? EndOfBody(FunctionDefinition function) =>
        IndentOf(function.Body[0]) is { } indent && File.PositionOf(function.Body[0].Start).Line > File.PositionOf(function.Start).Line ? Behind(function.Body[^1], indent) : null;

    /// <summary>Where another function can be put before one: the offset, both indents, and the line end; null when it does not begin its line.</summary>
    public (int Offset, string Outer, string Inner, string LineEnd)? BeforeFunction(FunctionDefinition function)
    {
        if (IndentOf(function) is not { Length: > 0 } outer || IndentOf(function.Body[0]) is not { } inner || File.PositionOf(function.Body[0].Start).Line == File.PositionOf(function.Start).Line)
        {
            return null;
        }

        var prefix = Behind(function.Body[0], "").Prefix;
        return (File.LineStart(File.PositionOf(function.Start).Line), outer, inner, prefix);
    }

    /// <summary>The place of the next token, when it is that character; -1 when it is another.</summary>
    public int NextToken(int from, char token, int limit)
    {
        var text = File.Text;
        for (var i = from; i < limit; i++)
        {
            if (text[i] == '#')
            {
                while (i < limit && text[i] is not ('\r' or '\n'))
                {
                    i++;
                }
            }
            else if (!char.IsWhiteSpace(text[i]) && text[i] != '\\')
            {
                return text[i] == token ? i : -1;
            }
        }

        return -1;
    }

    private string? IndentOf(Statement statement)
    {
        var line = File.LineStart(File.PositionOf(statement.Start).Line);
        var before = File.Text[line..statement.Start];
        return string.IsNullOrWhiteSpace(before) ? before : null;
    }

    private InsertionPlace Behind(Statement statement, string indent)
    {
        var end = File.Text.AsSpan(statement.End).IndexOfAny('\r', '\n');
        end = end < 0 ? File.Text.Length : statement.End + end;

        // The file's own line end: that of this line, or of the first.
        var at = end < File.Text.Length ? end : Math.Max(0, File.Text.AsSpan().IndexOfAny('\r', '\n'));
        var lineEnd = File.Text.AsSpan(at).StartsWith("\r\n") ? "\r\n" : at < File.Text.Length && File.Text[at] == '\r' ? "\r" : "\n";
        return new(end, lineEnd + indent);
    }

    private void Visit(PythonNode node, ClassDefinition? type, FunctionDefinition? method, bool repeats)
    {
        AddObjectName(node, type, method);
        switch (node)
        {
            case CallExpression call:
                var start = call.Function is AttributeExpression a && File.Text.AsSpan(a.Start, a.End - a.Start).ContainsAny('\r', '\n') ? a.End - a.Name.Length : call.Start;
                var key = File.PositionOf(start);
                if (!_calls.TryGetValue(key, out var calls))
                {
                    _calls[key] = calls = [];
                }

                calls.Add(new(call, type, method, repeats));
                break;
            case AssignStatement s when type is not null && method is not null:
                foreach (var target in s.Targets)
                {
                    AddDefinition(target, s, s.Value, s.Targets.Length == 1, type, method);
                }

                break;
            case AnnotatedAssignStatement s when type is not null && method is not null:
                AddDefinition(s.Target, s, s.Value, false, type, method);
                break;
            case AttributeExpression { Value: AttributeExpression { Value: NameExpression } inner }:
                OtherUses.Add(inner.Name);
                break;
            case Argument { Value: AttributeExpression { Value: NameExpression } passed }:
                OtherUses.Add(passed.Name);
                break;
            case ImportStatement s:
                foreach (var alias in s.Names)
                {
                    var name = alias.Alias ?? alias.Name.Split('.')[0];
                    Imports[name] = alias.Alias is null ? name : alias.Name;
                }

                break;
            case ImportFromStatement { Level: 0, Module: { } module } s:
                foreach (var alias in s.Names)
                {
                    Imports[alias.Alias ?? alias.Name] = $"{module}.{alias.Name}";
                }

                break;
        }
    }

    private void AddObjectName(PythonNode node, ClassDefinition? type, FunctionDefinition? method)
    {
        switch (node)
        {
            case AttributeExpression { Value: NameExpression owner } a when method?.Parameters is [var first, ..] && owner.Name == first.Name:
                ObjectNames.Add(a.Name);
                break;
            case FunctionDefinition f when type is not null && method is null:
                ObjectNames.Add(f.Name);
                break;
            case AssignStatement s when type is not null && method is null:
                ObjectNames.UnionWith(s.Targets.OfType<NameExpression>().Select(n => n.Name));
                break;
            case StringExpression { IsBytes: false, Value.Length: < 200 } text:
                ObjectNames.Add(text.Value);
                break;
        }
    }

    private void AddDefinition(Expression target, Statement statement, Expression? value, bool isPlain, ClassDefinition type, FunctionDefinition method)
    {
        foreach (var single in target is TupleExpression t ? t.Elements : [target])
        {
            if (single is AttributeExpression { Value: NameExpression self } attribute && method.Parameters is [var first, ..] && self.Name == first.Name)
            {
                Attributes.Add(new(type, attribute.Name, statement, value, isPlain && single == target, method.Name == "__init__"));
            }
        }
    }
}

/// <summary>Where a new line can be put, and what comes before its text.</summary>
internal readonly record struct InsertionPlace(int Offset, string Prefix)
{
    public SourceEdit Insert(string statement) => new(new(Offset, Offset), Prefix + statement);
}
