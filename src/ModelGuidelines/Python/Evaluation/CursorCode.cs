using System.Collections.Immutable;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Proves from the code of a function that a variable is a cursor: where it is an index, it grows behind that, in the same block and by more than what is added to it there, and it is nothing else than an index, and compared.</summary>
internal static class CursorCode
{
    private const int MaxDepth = 60;

    public static bool IsCursor(FunctionDefinition function, string name) => new Proof(name).Holds(function);

    private sealed class Proof(string name)
    {
        private int _begun;
        private int _grown;

        public bool Holds(FunctionDefinition function) => !function.Parameters.Any(p => p.Name == name) && Block(function.Body, isLoop: false, 0) && _begun == 1 && _grown > 0;

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
                case SubscriptExpression { Value: AttributeExpression { Value: NameExpression { Name: "self" }, Name: var list }, Index: var index } when OffsetOf(index) is { } offset:
                    reach = Math.Max(reach, offset);
                    return taken.Add((list, offset));
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
