using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Loops that fill tables of numbers: position encodings, anchors. A round more or less of them changes nothing that is followed.</content>
internal sealed partial class InertFunctions
{
    /// <summary>The names that further rounds of a loop set, if they do nothing else to what is followed; null where they may.</summary>
    /// <param name="loop">A for statement or a comprehension, of which some rounds have run.</param>
    /// <param name="scope">Where it stands.</param>
    public IReadOnlyCollection<string>? NamesSetBy(PythonNode loop, Scope scope) => new Reader(this, new(), scope, []).NamesSetBy(loop);

    private sealed partial class Reader
    {
        private const int MaxInside = 4;
        private PythonNode? _loop;
        private int _inside;

        public IReadOnlyCollection<string>? NamesSetBy(PythonNode loop)
        {
            _loop = loop;
            Locals(loop, true);
            return loop is not ForStatement { OrElse.IsEmpty: false } && Allows(loop) ? _locals.Keys : null;
        }

        /// <summary>What ends the loop early, or changes a list in place, is more than a table.</summary>
        private bool AllowsInLoop(PythonNode node) => node switch
        {
            ReturnStatement or BreakStatement or YieldExpression or RaiseStatement or AssertStatement or NamedExpression => _inside > 0 && node is ReturnStatement,
            AugmentedAssignStatement { Target: NameExpression n } => functions._evaluate(n, scope) is ConstantValue or TensorValue or UnknownValue { Kind: UnknownKind.Number or UnknownKind.Array },
            _ => true,
        };

        /// <summary>A tensor or an array of numbers: what stands in it is not followed.</summary>
        private bool IsTable(NameExpression name) => !IsLocal(name.Name) && functions._evaluate(name, scope) is TensorValue or UnknownValue { Kind: UnknownKind.Array };

        /// <summary>A function of a function: it is what it is where the loop runs, so nothing is kept of it.</summary>
        private bool IsInertInside(FunctionValue function)
        {
            if (_inside >= MaxInside || function.Node is not FunctionDefinition { IsAsync: false } definition)
            {
                return false;
            }

            var of = new Summary();
            var reader = new Reader(functions, of, new Scope(function.Closure.Module, function.Closure), definition.Parameters) { _loop = definition, _inside = _inside + 1 };
            return reader.IsInert(definition) && of.Called.Count == 0;
        }
    }
}
