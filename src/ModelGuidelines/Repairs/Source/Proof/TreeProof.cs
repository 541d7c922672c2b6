using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Compares the trees of the original and of the changed text: token for token the same, but for what the changes are meant to do, each form of which is known here.</summary>
/// <remarks>It is told which attributes are new and what they stand for, and nothing of how the text was changed: whatever else differs is refused with its line.</remarks>
internal sealed partial class TreeProof
{
    private readonly SourceTree _before;
    private readonly SourceTree _after;
    private readonly IReadOnlyCollection<SourceChange> _changes;
    private readonly Dictionary<SourceTree, SourceTree> _originals = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<SourceTree, TreeTokens> _tokens = new(ReferenceEqualityComparer.Instance);

    private readonly SourceFiles? _project;

    /// <summary>Attributes that the original does not have.</summary>
    private readonly Dictionary<string, SourceChange> _new = new(StringComparer.Ordinal);

    /// <summary>Attributes whose module becomes a list of modules.</summary>
    private readonly Dictionary<string, SourceChange> _lists = new(StringComparer.Ordinal);

    /// <summary>Objects under several names become several.</summary>
    private readonly bool _isShared;

    /// <summary>Statements of the changed text by those of the original that they are.</summary>
    private readonly Dictionary<Statement, Statement> _origins = new(ReferenceEqualityComparer.Instance);
    private (int Line, string Text)? _failure;

    private TreeProof(IReadOnlyList<(SourceTree Before, SourceTree After)> files, IReadOnlyCollection<SourceChange> changes, SourceFiles? project)
    {
        _project = project;
        (_before, _after, _changes) = (SourceTree.Join([.. files.Select(f => f.Before)]), SourceTree.Join([.. files.Select(f => f.After)]), changes);
        files.ToList().ForEach(f => _originals[f.After] = f.Before);
        foreach (var change in changes.Where(c => c.Shared is null))
        {
            (change.Attribute != change.Copied ? _new : _lists)[change.Attribute] = change;
        }

        _isShared = changes.Any(c => c.Shared is not null);
    }

    /// <summary>What differs, with its line; null where nothing does.</summary>
    /// <param name="files">The files that are changed, each before and after.</param>
    /// <param name="changes">What is new, and what it stands for.</param>
    /// <param name="project">The original's files, by which classes of several are related; null for one file, whose names tell.</param>
    public static string? Difference(IReadOnlyList<(SourceTree Before, SourceTree After)> files, IReadOnlyCollection<SourceChange> changes, SourceFiles? project)
    {
        var proof = new TreeProof(files, changes, project);
        foreach (var (before, after) in files)
        {
            if (!proof.Block(before.File.Statements, after.File.Statements, null, null))
            {
                var (line, text) = proof._failure ?? (1, "another text");
                return string.Create(CultureInfo.InvariantCulture, $"line {line} of the changed text{(files.Count > 1 ? $" of {Path.GetFileName(after.Path)}" : "")} differs from the original by more than the change means: {text}");
            }
        }

        return proof.Definitions() ?? proof.Uses();
    }

    private bool Fail(PythonNode? at, string? text = null)
    {
        if (at is not null)
        {
            var shown = text ?? _after.Text(at);
            var end = shown.AsSpan().IndexOfAny('\r', '\n');
            _failure = (_after.LineOf(at), $"'{(end < 0 ? shown : shown[..end])}'");
        }

        return false;
    }

    /// <summary>Whether two lists of statements are the same, but for statements that changes add or take away.</summary>
    private bool Block(ImmutableArray<Statement> before, ImmutableArray<Statement> after, PythonNode? holder, PythonNode? newHolder)
    {
        var next = 0;
        for (var i = 0; i < after.Length; i++)
        {
            var statement = after[i];
            if (Inserted(statement, after, i, holder, newHolder))
            {
                continue;
            }

            // What stands here no more has to be found again where the change put it.
            var isSame = false;
            while (next < before.Length && !(isSame = Same(before[next], statement)) && Deleted(before[next], holder))
            {
                next++;
            }

            if (!isSame)
            {
                return next == before.Length ? Fail(statement) : false;
            }

            _origins[statement] = before[next++];
        }

        while (next < before.Length && Deleted(before[next], holder))
        {
            next++;
        }

        return next == before.Length || Fail(after.IsEmpty ? newHolder : after[^1], $"{_before.Text(before[next])}' is gone: '");
    }

    /// <summary>Whether two nodes say the same, or what a change makes of it.</summary>
    private bool Same(PythonNode before, PythonNode after)
    {
        if (_before.TextOf(before).SequenceEqual(_after.TextOf(after)) && before.GetType() == after.GetType() && HasSameDecorators(before, after))
        {
            return true;
        }

        if (Known(before, after) is { } known)
        {
            return known || Fail(after);
        }

        if (before.GetType() != after.GetType() || !HasSameDecorators(before, after))
        {
            return Fail(after);
        }

        switch (before, after)
        {
            case (FunctionDefinition f, FunctionDefinition g):
                return Functions(f, g);
            case (ForStatement f, ForStatement g):
                return Loop(f, g, f.Target, f.Iterable, g.Target, g.Iterable, () => Block(f.Body, g.Body, f, g)) && Block(f.OrElse, g.OrElse, f, g) && f.IsAsync == g.IsAsync;
            case (ComprehensionExpression { Clauses: [{ Conditions.IsEmpty: true, IsAsync: false } one] } c, ComprehensionExpression { Clauses: [{ Conditions.IsEmpty: true, IsAsync: false } other] } d):
                return c.Kind == d.Kind && c.Value is null == d.Value is null && Loop(c, d, one.Target, one.Iterable, other.Target, other.Iterable, () => Same(c.Element, d.Element) && (c.Value is null || Same(c.Value, d.Value!)));
            case (WhileStatement w, WhileStatement) when CountedWhile.Of(_before, w) is { } counted:
                return In(new(w, counted.Counter, null), () => Parts(before, after));
            case (WhileStatement or ComprehensionExpression or LambdaExpression or ClassDefinition, _):
                return Uncounted(() => Parts(before, after));
            default:
                return Parts(before, after);
        }
    }

    private bool HasSameDecorators(PythonNode before, PythonNode after) => (before, after) switch
    {
        (FunctionDefinition a, FunctionDefinition b) => AreEqual(a.Decorators, b.Decorators),
        (ClassDefinition a, ClassDefinition b) => AreEqual(a.Decorators, b.Decorators),
        _ => true,
    };

    private bool AreEqual(ImmutableArray<Expression> before, ImmutableArray<Expression> after) => before.Select(_before.Text).SequenceEqual(after.Select(_after.Text), StringComparer.Ordinal);

    /// <summary>The same words of its own, and the same parts in order.</summary>
    private bool Parts(PythonNode before, PythonNode after)
    {
        var (parts, others) = (PythonTree.Children(before).ToList(), PythonTree.Children(after).ToList());
        if (!Tokens(_before, before).Own(before, parts).SequenceEqual(Tokens(_after, after).Own(after, others), StringComparer.Ordinal))
        {
            return Fail(after);
        }

        var blocks = Blocks(before).Zip(Blocks(after)).ToList();
        if (blocks.Count > 0)
        {
            parts.RemoveAll(p => p is Statement);
            others.RemoveAll(p => p is Statement);
        }

        if (parts.Count != others.Count)
        {
            return Fail(after);
        }

        for (var i = 0; i < parts.Count; i++)
        {
            if (!Same(parts[i], others[i]))
            {
                return false;
            }
        }

        return blocks.TrueForAll(b => Block(b.First, b.Second, before, after));
    }

    private static IEnumerable<ImmutableArray<Statement>> Blocks(PythonNode node) => node switch
    {
        IfStatement s => [s.OrElse],
        IfClause c => [c.Body],
        WhileStatement s => [s.Body, s.OrElse],
        WithStatement s => [s.Body],
        TryStatement s => [s.Body, s.OrElse, s.FinalBody],
        ExceptHandler h => [h.Body],
        MatchCase c => [c.Body],
        ClassDefinition c => [c.Body],
        _ => [],
    };

    /// <summary>A function with the same head, or with one more parameter at the end for a module that it is handed.</summary>
    private bool Functions(FunctionDefinition before, FunctionDefinition after)
    {
        var head = Head(Tokens(_before, before), before);
        var newHead = Head(Tokens(_after, after), after);
        var parameters = after.Parameters;
        if (parameters.Length == before.Parameters.Length + 1)
        {
            var added = parameters[^1];
            if (added is not { Kind: ParameterKind.Ordinary or ParameterKind.KeywordOnly, Annotation: null, Default: ConstantExpression { Value: PythonConstant.None } } || Means(before, added.Name) || ClassFamily.Self(before) is null || Last(newHead, ["", "=", ""]) is not (var at and >= 0))
            {
                return Fail(after);
            }

            newHead.RemoveRange(at, 3);
            parameters = parameters.RemoveAt(parameters.Length - 1);
            _handed[before.Name] = added.Name;
        }

        if (before.Name != after.Name || parameters.Length != before.Parameters.Length || !head.SequenceEqual(newHead, StringComparer.Ordinal))
        {
            return Fail(after);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            var (a, b) = (before.Parameters[i], parameters[i]);
            if (a.Name != b.Name || a.Kind != b.Kind || !SameOrNone(a.Annotation, b.Annotation) || !SameOrNone(a.Default, b.Default))
            {
                return Fail(b);
            }
        }

        return SameOrNone(before.Returns, after.Returns) && (_before.Ancestors(before).Any(a => a is FunctionDefinition) ? Uncounted(Body) : Fresh(Body));
        bool Body() => Block(before.Body, after.Body, before, after);
    }

    private TreeTokens Tokens(SourceTree files, PythonNode node) => files.Of(node) is var tree && _tokens.TryGetValue(tree, out var known) ? known : _tokens[tree] = new(tree.File);

    private static List<string> Head(TreeTokens tokens, FunctionDefinition function) =>
        tokens.Own(function, [.. function.Parameters, .. function.Parameters.Select(p => p.Default).OfType<Expression>(), .. new[] { function.Returns }.OfType<Expression>(), .. function.Body]);

    private static int Last(List<string> words, string[] part)
    {
        for (var i = words.Count - part.Length; i >= 0; i--)
        {
            if (words.GetRange(i, part.Length).SequenceEqual(part, StringComparer.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    private bool SameOrNone(Expression? before, Expression? after) => (before, after) is (null, null) || (before is not null && after is not null && Same(before, after));

    /// <summary>Whether a name means something in a function of the original.</summary>
    private static bool Means(FunctionDefinition function, string name) => SaidNames.In(function).Contains(name);
}
