using ModelGuidelines.Audit;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary>A progress bar on standard error, when that is a terminal.</summary>
internal static class AuditProgress
{
    /// <summary>Fewer files are done before a bar could be read.</summary>
    private const int ShortWork = 20;

    /// <summary>Audits all inputs under a bar; the results in their order.</summary>
    public static async Task<List<AuditResult>> AuditAsync(IReadOnlyCollection<AuditInput> inputs, AuditSettings settings, CancellationToken cancellation)
    {
        var results = new List<AuditResult>();
        await RunAsync(inputs.Count, async advance =>
        {
            await foreach (var result in Auditor.Default.AuditAsync(inputs, settings, cancellation))
            {
                results.Add(result);
                advance();
            }
        });
        return results;
    }

    /// <summary>Runs <paramref name="work"/>, which says after each file how many are done.</summary>
    public static async Task RunAsync(int total, Func<Action, Task> work)
    {
        if (Console.IsErrorRedirected || total < ShortWork)
        {
            await work(() => { });
            return;
        }

        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask($"Auditing {total} files", maxValue: total);
                await work(() => task.Increment(1));
            });
    }
}
