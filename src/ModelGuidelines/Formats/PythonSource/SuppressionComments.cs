using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary><c># modelguidelines: disable=PyTorch.ModuleReuse -- reason</c>: behind a statement for its lines, on a class or function for all of it,
/// on a line of its own for the statement below, before the first statement for the file.</summary>
internal static class SuppressionComments
{
    private const string Marker = "modelguidelines:";

    public static ImmutableArray<Suppression> Find(PythonFile file)
    {
        var result = ImmutableArray.CreateBuilder<Suppression>();
        List<(int First, int Last, bool IsBlock)>? statements = null;
        foreach (var comment in file.Comments)
        {
            var text = file.Text.AsSpan(comment.Start, comment.Length).TrimStart("# \t");
            if (!text.StartsWith(Marker, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            text = text[Marker.Length..].Trim();
            if (!text.StartsWith("disable", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            text = text["disable".Length..].Trim();
            var dashes = text.IndexOf("--");
            var reason = dashes < 0 ? null : text[(dashes + 2)..].Trim().ToString();
            var ids = (dashes < 0 ? text : text[..dashes]).TrimStart('=').Trim().ToString();
            statements ??= Statements(file);
            var (first, last) = LinesOf(file, comment, statements);
            foreach (var id in ids.Length == 0 ? ["*"] : ids.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
            {
                result.Add(new(id is "all" ? "*" : id, string.IsNullOrEmpty(reason) ? null : reason, first, last));
            }
        }

        return result.DrainToImmutable();
    }

    private static (int First, int Last) LinesOf(PythonFile file, TextSpan comment, List<(int First, int Last, bool IsBlock)> statements)
    {
        var line = file.PositionOf(comment.Start).Line;
        var start = file.LineStart(line);
        var isAlone = file.Text.AsSpan(start, comment.Start - start).IsWhiteSpace();
        if (isAlone && (statements.Count == 0 || line < statements[0].First))
        {
            return (1, file.LineCount);
        }

        if (isAlone)
        {
            var below = statements.Where(s => s.First > line).OrderBy(s => s.First).ThenByDescending(s => s.Last).FirstOrDefault();
            return below == default ? (line, line) : (below.First, below.Last);
        }

        // Behind the head of a class or function: all of it; else the innermost statement on that line.
        var here = statements.Where(s => s.First <= line && line <= s.Last && (!s.IsBlock || s.First == line)).OrderBy(s => s.Last - s.First).FirstOrDefault();
        return here == default ? (line, line) : (here.First, here.Last);
    }

    private static List<(int First, int Last, bool IsBlock)> Statements(PythonFile file)
    {
        var result = new List<(int, int, bool)>();
        var pending = new Stack<Statement>(file.Statements.Reverse());
        while (pending.Count > 0)
        {
            var statement = pending.Pop();
            var body = statement switch
            {
                ClassDefinition c => c.Body,
                FunctionDefinition f => f.Body,
                IfStatement i => [.. i.Clauses.SelectMany(c => c.Body), .. i.OrElse],
                ForStatement f => [.. f.Body, .. f.OrElse],
                WhileStatement w => [.. w.Body, .. w.OrElse],
                WithStatement w => w.Body,
                TryStatement t => [.. t.Body, .. t.Handlers.SelectMany(h => h.Body), .. t.OrElse, .. t.FinalBody],
                ErrorStatement e => e.Body,
                MatchStatement m => [.. m.Cases.SelectMany(c => c.Body)],
                _ => ImmutableArray<Statement>.Empty,
            };
            result.Add((file.PositionOf(statement.Start).Line, file.PositionOf(statement.End).Line, !body.IsEmpty));
            foreach (var inner in body)
            {
                pending.Push(inner);
            }
        }

        result.Sort();
        return result;
    }
}
