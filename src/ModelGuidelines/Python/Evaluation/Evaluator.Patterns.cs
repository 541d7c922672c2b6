using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content><c>match</c> and its patterns.</content>
internal sealed partial class Evaluator
{
    /// <summary>Thousands of cases are no recursion: they are clauses, as those of an if.</summary>
    private void Match(MatchStatement s, Scope scope)
    {
        var subject = Evaluate(s.Subject, scope);
        FollowClauses(s.Cases.Length, Case, null);

        (Condition Test, Action Body) Case(int i)
        {
            var c = s.Cases[i];
            var names = new List<(string Name, Value Value)>();
            var test = PatternTest(c.Pattern, subject, scope, names);
            void Bind() => names.ForEach(n => SetName(n.Name, n.Value, scope));
            if (c.Guard is not null && !test.IsNever)
            {
                // A guard sees the names, and they stay where it does not hold.
                var guard = Conditions.Never;
                Fork(test, () =>
                {
                    Bind();
                    guard = Test(Evaluate(c.Guard, scope), c.Guard, scope);
                });
                test = test.And(guard);
            }

            return (test, () =>
            {
                Bind();
                Block(c.Body, scope);
            });
        }
    }

    /// <summary>When a pattern matches, and which names it binds then.</summary>
    private Condition PatternTest(Pattern pattern, Value subject, Scope scope, List<(string Name, Value Value)> names)
    {
        switch (pattern, Here(subject))
        {
            case (ValuePattern p, _):
                return TestOf(Compare(PythonOperator.Equal, subject, Evaluate(p.Value, scope), new(scope, p.Value)), "");
            case (AsPattern p, _):
                var inner = p.Pattern is null ? Conditions.Always : PatternTest(p.Pattern, subject, scope, names);
                if (p.Name is not null)
                {
                    names.Add((p.Name, subject));
                }

                return inner;
            case (OrPattern p, _):
                return Alternatives(p, subject, scope, names);
            case (SequencePattern or MappingPattern, ConstantValue or FunctionValue or ClassValue or TensorValue and not InputValue or ObjectValue { IsModule: true, Class: null, Doubt: null }):
            case (SequencePattern, DictValue or SequenceValue { Kind: SequenceKind.Set } or SequenceValue { Form: SequenceForm.Iterator or SequenceForm.View }):
            case (MappingPattern, SequenceValue):
                return Conditions.Never;
            case (SequencePattern p, SequenceValue { Rest: null } s) when s.Items.TrueForAll(i => Here(i) is not (ChoiceValue or MissingValue)):
                return Elements(p, s.Items, scope, names);
            case (MappingPattern p, DictValue { Rest: null } d) when d.Entries.TrueForAll(e => e.Key is ConstantValue && Here(e.Value) is not (ChoiceValue or MissingValue)):
                if (p.Rest is { } others)
                {
                    var left = d.Copy();
                    p.Keys.ToList().ForEach(k => left.Remove(Evaluate(k, scope)));
                    names.Add((others, left));
                }

                return Enumerable.Range(0, p.Keys.Length).Aggregate(Conditions.Always, (c, i) => c.IsNever ? c : d.Find(Evaluate(p.Keys[i], scope)) is { } entry ? c.And(PatternTest(p.Patterns[i], entry, scope, names)) : Conditions.Never);
            case (ClassPattern p, var value) when InstanceTest(p, value, scope) is { } isOne:
                return isOne.IsNever || (p.Patterns.IsEmpty && p.KeywordPatterns.IsEmpty) ? isOne : Parts(p, value, isOne, scope, names) ?? Open(pattern, scope, names);
            default:
                return Open(pattern, scope, names);
        }
    }

    /// <summary>The first alternative that matches binds the names.</summary>
    private Condition Alternatives(OrPattern p, Value subject, Scope scope, List<(string Name, Value Value)> names)
    {
        var result = Conditions.Never;
        var bound = new List<(string Name, Condition When, Value Value)>();
        foreach (var alternative in p.Patterns)
        {
            var own = new List<(string Name, Value Value)>();
            var test = PatternTest(alternative, subject, scope, own).And(result.Not());
            bound.AddRange(test.IsNever ? [] : own.Select(n => (n.Name, test, n.Value)));
            result = result.Or(test);
        }

        names.AddRange(bound.GroupBy(b => b.Name, StringComparer.Ordinal).Select(g => (g.Key, g.Count() == 1 ? g.First().Value : Choices.Join([.. g.Select(b => (b.When, b.Value))]))));
        return result;
    }

    private Condition Elements(SequencePattern p, List<Value> items, Scope scope, List<(string Name, Value Value)> names)
    {
        var star = p.Patterns.ToList().FindIndex(q => q is StarPattern);
        if (star < 0 ? items.Count != p.Patterns.Length : items.Count < p.Patterns.Length - 1)
        {
            return Conditions.Never;
        }

        var more = items.Count - p.Patterns.Length;
        var result = Conditions.Always;
        for (var i = 0; i < p.Patterns.Length && !result.IsNever; i++)
        {
            if (i == star)
            {
                names.AddRange(p.Patterns[i] is StarPattern { Name: { } name } ? [(name, SequenceValue.List(items.Skip(i).Take(more + 1)))] : []);
                continue;
            }

            result = result.And(PatternTest(p.Patterns[i], items[star >= 0 && i > star ? i + more : i], scope, names));
        }

        return result;
    }

    private Condition? InstanceTest(ClassPattern p, Value value, Scope scope) => value is not (ChoiceValue or MissingValue) && Here(Evaluate(p.Type, scope)) is var type && type is ClassValue or ExternalValue
        ? IsInstance(value, type, p.Type, scope) : null;

    /// <summary>The parts of an object that surely is of the class; null where they cannot be told.</summary>
    private Condition? Parts(ClassPattern p, Value value, Condition isOne, Scope scope, List<(string Name, Value Value)> names)
    {
        if (Decide(isOne) is not true)
        {
            return null;
        }

        if (value is ObjectValue { Class: { } type } o && (p.Patterns.IsEmpty || (type.Fields.Count >= p.Patterns.Length && type.Find("__match_args__") is null)))
        {
            return type.Fields.Take(p.Patterns.Length).Zip(p.Patterns).Concat(p.Keywords.Zip(p.KeywordPatterns)).Aggregate((Condition?)Conditions.Always, (c, f) =>
                c is null || o.Attributes.Find(f.First) is not { } part ? null : c.And(PatternTest(f.Second, part, scope, names)));
        }

        // str(text): Python's own types match themselves.
        return p is { Patterns: [var whole], KeywordPatterns.IsEmpty: true } && value is ConstantValue or SequenceValue or DictValue ? PatternTest(whole, value, scope, names) : null;
    }

    private Condition Open(Pattern pattern, Scope scope, List<(string Name, Value Value)> names)
    {
        names.AddRange(CapturedNames(pattern, 0).Select(name => (name, (Value)Unknown(name, "it is part of what is matched", scope.At(pattern.Start)))));
        return Conditions.NewAtom(scope.Module.File.TextOf(pattern).ToString() is { Length: < 60 } text ? $"it matches {text}" : "it matches");
    }

    private static IEnumerable<string> CapturedNames(Pattern pattern, int depth) => depth > 20 ? [] : pattern switch
    {
        AsPattern { Name: { } name } p => p.Pattern is null ? [name] : CapturedNames(p.Pattern, depth + 1).Append(name),
        StarPattern { Name: { } name } => [name],
        SequencePattern p => p.Patterns.SelectMany(q => CapturedNames(q, depth + 1)),
        MappingPattern p => p.Patterns.SelectMany(q => CapturedNames(q, depth + 1)),
        ClassPattern p => p.Patterns.Concat(p.KeywordPatterns).SelectMany(q => CapturedNames(q, depth + 1)),
        _ => [],
    };
}
