using System.CommandLine;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines test PATH...</c></summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files, folders (searched recursively) or wildcards.", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string>("--format") { Description = "table or json.", DefaultValueFactory = _ => "table" };
        var minimum = new Option<Severity>("--minimum-severity") { DefaultValueFactory = _ => Severity.Warning };
        var command = new Command("test", "Audits models.") { paths, format, minimum };
        command.SetAction(async (parsed, cancellation) =>
        {
            var finder = new InputFinder(FormatRegistry.Default);
            var inputs = parsed.GetValue(paths)!.SelectMany(p => finder.Find(p));
            var results = new List<AuditResult>();
            await foreach (var result in Auditor.Default.AuditAsync(inputs, new() { MinimumSeverity = parsed.GetValue(minimum) }, cancellation))
            {
                results.Add(result);
            }

            if (parsed.GetValue(format) == "json")
            {
                using var output = Console.OpenStandardOutput();
                JsonReport.Write(output, results);
            }
            else
            {
                foreach (var finding in results.SelectMany(r => r.Findings))
                {
                    Console.WriteLine(finding);
                }

                foreach (var result in results.Where(r => r.Error is not null))
                {
                    await Console.Error.WriteLineAsync($"{result.Path}: {result.Error!.Id}: {result.Error.Message}");
                }
            }

            return results.Exists(r => r.Error is not null) ? 2 : results.Exists(r => r.Findings.Any(f => f.Outcome is Outcome.Fail && f.Severity >= Severity.Warning)) ? 1 : 0;
        });
        return command;
    }
}
