using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Python.Evaluation;

/// <content>A file's own statements.</content>
internal sealed partial class Evaluator
{
    private const long StepsPerStatement = 300_000;

    /// <summary>Steps that the files have together which code imports: what they take is not on the account of the model, the function or the statement that needs a name of theirs first.</summary>
    private const long StepsPerImports = 1_000_000;
    private long _stepsOfImports;
    private bool _runsImported;

    /// <summary>A file's statements; another's than the audited file's on the account of the files.</summary>
    private void RunStatements(SourceModule module)
    {
        if (_runsImported || _runLimit == long.MaxValue || module == _project.Main)
        {
            RunEach(module);
            return;
        }

        var (from, statement, run, room) = (_steps, _stepLimit, _runLimit, Math.Max(0, StepsPerImports - _stepsOfImports));
        _runsImported = true;
        _runLimit += room;
        try
        {
            RunEach(module);
        }
        finally
        {
            _runsImported = false;
            var taken = Math.Min(room, _steps - from);
            _stepsOfImports += taken;
            _runLimit = run + taken;
            _stepLimit = statement >= run ? _runLimit : Math.Min(_runLimit, statement + _steps - from);
        }
    }

    /// <summary>A file's statements, each with steps of its own: one that needs too many loses its own names and no others.</summary>
    private void RunEach(SourceModule module)
    {
        // What an imported file takes is not on the account of the statement that needs it first.
        var (outer, from, limit) = (_stepLimit, _steps, _runLimit);
        foreach (var statement in module.File.Statements)
        {
            _stepLimit = Math.Min(_runLimit, _steps + StepsPerStatement); // what was imported may have given the run more
            var (depth, running, mark) = (_depth, _runningNow.Count, _journal.Mark());
            var (loops, looped, looping, elements, way, rounds, later) = (_loops.Count, _looped.Count, _looping, _elements, _way, _rounds, _laterRound);
            try
            {
                Execute(statement, module.Scope);
            }
            catch (BudgetException)
            {
                _depth = depth;
                Leave(running);
                _journal.Abandon(mark);
                if (_isOutOfTime || _steps >= _runLimit)
                {
                    throw;
                }

                // The code that needs the file goes on where it stood, and so does the file: neither in a branch nor in a loop of the statement.
                while (_loops.Count > loops)
                {
                    _loops.Pop();
                }

                _looped.RemoveRange(Math.Min(looped, _looped.Count), Math.Max(0, _looped.Count - looped));
                (_looping, _elements, _way, _rounds, _laterRound) = (looping, elements, way, rounds, later);
                (Now, _world, _caught, _entering, _atYield) = (Conditions.Always, Conditions.Always, null, null, null);
                Gap("this statement takes more steps than are followed", module.Scope.At(statement.Start), Hides.Everything, "build what it builds with fewer rounds, or audit an exported file");
                foreach (var name in AssignedNames(statement))
                {
                    module.Scope.Names[name] = Unknown(name, $"what sets '{name}' takes more steps than are followed", module.Scope.At(statement.Start));
                }
            }

            if (Now.IsNever)
            {
                if (statement is RaiseStatement)
                {
                    break;
                }

                // Then the file could not be imported where the model runs: there the statement does something else.
                Now = _world = Conditions.Always;
                Gap("this statement raises on every way that was followed", module.Scope.At(statement.Start), Hides.Everything, "audit an exported file of the model");
            }
        }

        _stepLimit = outer >= limit ? _runLimit : Math.Min(_runLimit, outer + _steps - from);
    }

    private static IEnumerable<string> AssignedNames(Statement statement) => statement switch
    {
        AssignStatement s => s.Targets.OfType<NameExpression>().Select(n => n.Name),
        ForStatement s => s.Body.SelectMany(AssignedNames),
        IfStatement s => s.Clauses.SelectMany(c => c.Body.SelectMany(AssignedNames)).Concat(s.OrElse.SelectMany(AssignedNames)),
        _ => [],
    };
}
