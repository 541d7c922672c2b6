using System.Collections.Immutable;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Proves from the code of a function that a variable is a cursor: where it is an index, it grows behind that, in the same block and by more than what is added to it there, and it is nothing else than an index, and compared.</summary>
internal static class CursorCode
{
    private const int MaxDepth = 60;

    public static bool IsCursor(FunctionDefinition function, string name) => new Proof(function, name).Holds();

    private sealed class Proof(FunctionDefinition function, string name)
    {
        private readonly Dictionary<string, string?> _locals = new(StringComparer.Ordinal);
        private readonly HashSet<string> _lists = new(StringComparer.Ordinal);
        private int _begun;
        private int _grown;

        public bool Holds() => !function.Parameters.Any(p => p.Name == name) && Block(function.Body, isLoop: false, 0) && _begun == 1 && _grown > 0
            && (_lists.Count == 1 || _locals.Count == 0); // two names may be one list

        /// <summary>Statements that run one behind the other.</summary>
        private bool Block(ImmutableArray<Statement> body, bool isLoop, int depth)
        {
            var (reach, taken) = (-1L, new HashSet<(string List, long Offset)>());
            foreach (var statement in body)
            {
                if (IsGrowth(statement, out var by))
                {
                    _grown++;
                    if (by <= reach)
                    {
                        return false; // some element comes again
                    }

                    (reach, taken) = (-1, []);
                    continue;
                }

                if (statement is AssignStatement { Targets: [NameExpression target], Value: NumberExpression first } && target.Name == name)
                {
                    if (isLoop || !first.TryGetInteger(out _) || ++_begun > 1)
                    {
                        return false; // it is set back
                    }

                    continue;
                }

                var isInner = statement is ForStatement or WhileStatement or IfStatement or WithStatement;
                if (reach >= 0 && (isInner || statement is ReturnStatement or BreakStatement or ContinueStatement) && (Leaves(statement, depth) || !IsFree(statement)))
                {
                    return false; // past the growth, or once more before it
                }

                if (isInner && depth < MaxDepth ? !Inner(statement, isLoop, depth + 1) : !Uses(statement, taken, ref reach, depth))
                {
                    return false;
                }
            }

            return reach < 0;
        }

        /// <summary>Loops and branches: what stands in their heads is compared only.</summary>
        private bool Inner(Statement statement, bool isLoop, int depth) => statement switch
        {
            ForStatement s => IsFree(s.Target) && IsFree(s.Iterable) && Block(s.Body, true, depth) && Block(s.OrElse, isLoop, depth),
            WhileStatement s => IsCompared(s.Test) && Block(s.Body, true, depth) && Block(s.OrElse, isLoop, depth),
            IfStatement s => s.Clauses.All(c => IsCompared(c.Test) && Block(c.Body, isLoop, depth)) && Block(s.OrElse, isLoop, depth),
            WithStatement s => s.Items.All(i => IsFree(i)) && Block(s.Body, isLoop, depth),
            _ => false,
        };

        private bool IsGrowth(Statement statement, out long by)
        {
            by = 0;
            return statement is AugmentedAssignStatement { Operator: PythonOperator.Add, Target: NameExpression target, Value: NumberExpression step } && target.Name == name && Integer(step) is > 0 and var known && (by = known) > 0;
        }

        /// <summary>Notes each index of it in a statement; false where it is anything else.</summary>
        private bool Uses(PythonNode node, HashSet<(string List, long Offset)> taken, ref long reach, int depth)
        {
            switch (node)
            {
                case NameExpression n:
                    return n.Name != name;
                case SubscriptExpression { Index: var index } s when OffsetOf(index) is { } offset && ListOf(s.Value) is { } list:
                    reach = Math.Max(reach, offset);
                    _lists.Add(list);
                    return taken.Add((list, offset));
                case AssertStatement { Message: null } s:
                    return IsCompared(s.Test);
                case FunctionDefinition or ClassDefinition or LambdaExpression or TryStatement or MatchStatement or ConditionalExpression or BooleanExpression:
                    return IsFree(node); // it may run, or not, or end before what follows
            }

            if (depth > MaxDepth)
            {
                return false;
            }

            foreach (var child in PythonTree.Children(node))
            {
                if (!Uses(child, taken, ref reach, depth + 1))
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>What is the same list wherever it stands: an attribute, or a name that is set once, before all loops and branches.</summary>
        private string? ListOf(Expression list)
        {
            if (list is AttributeExpression { Value: NameExpression { Name: "self" } } attribute)
            {
                return "self." + attribute.Name;
            }

            if (list is not NameExpression local)
            {
                return null;
            }

            if (!_locals.TryGetValue(local.Name, out var known))
            {
                var own = function.Body.OfType<AssignStatement>().FirstOrDefault(s => s.Targets is [NameExpression target] && target.Name == local.Name);
                known = own is null || function.Parameters.Any(p => p.Name == local.Name) || Settings(function, local.Name, 0) != 1 ? null : own.Value is AttributeExpression { Value: NameExpression { Name: "self" } } held ? "self." + held.Name : local.Name;
                _locals[local.Name] = known;
            }

            return known;
        }

        /// <summary>How often a name is set, and whatever else may set it.</summary>
        private static int Settings(PythonNode node, string name, int depth)
        {
            if (depth > MaxDepth)
            {
                return 2;
            }

            var own = node switch
            {
                AssignStatement s => s.Targets.Count(t => Names(t, name)),
                AugmentedAssignStatement s => Names(s.Target, name) ? 1 : 0,
                AnnotatedAssignStatement s => Names(s.Target, name) ? 1 : 0,
                ForStatement s => Names(s.Target, name) ? 1 : 0,
                NamedExpression s => Names(s.Target, name) ? 1 : 0,
                WithItem { Target: { } target } => Names(target, name) ? 1 : 0,
                DeleteStatement s => s.Targets.Count(t => Names(t, name)),
                ExceptHandler or ScopeStatement or ImportStatement or ImportFromStatement or MatchStatement => 2,
                _ => 0,
            };
            return own + PythonTree.Children(node).Sum(c => Settings(c, name, depth + 1));
        }

        private static bool Names(PythonNode target, string name) => target switch
        {
            NameExpression n => n.Name == name,
            TupleExpression or ListExpression or StarredExpression => PythonTree.Children(target).Any(t => Names(t, name)),
            _ => false,
        };

        private long? OffsetOf(Expression index) => index switch
        {
            NameExpression n when n.Name == name => 0,
            BinaryExpression { Operator: PythonOperator.Add, Left: NameExpression n, Right: NumberExpression by } when n.Name == name && Integer(by) is >= 0 and var offset => offset,
            _ => null,
        };

        private static long? Integer(NumberExpression number) => number.TryGetInteger(out var value) && value is >= 0 and <= int.MaxValue ? (long)value : null;

        /// <summary>A test that compares it, or does not speak of it.</summary>
        private bool IsCompared(Expression test) => test is CompareExpression compared ? compared.Operands.All(o => (o is NameExpression n && n.Name == name) || IsFree(o)) : IsFree(test);

        /// <summary>It does not speak of it.</summary>
        private bool IsFree(PythonNode node, int depth = 0) => depth <= MaxDepth && !(node is NameExpression n && n.Name == name) && PythonTree.Children(node).All(c => IsFree(c, depth + 1));

        /// <summary>A way out of the block: what follows in it may not run.</summary>
        private static bool Leaves(PythonNode node, int depth) => depth > MaxDepth || (node is BreakStatement or ContinueStatement or ReturnStatement) || (node is not (FunctionDefinition or ClassDefinition or LambdaExpression) && PythonTree.Children(node).Any(c => Leaves(c, depth + 1)));
    }
}
