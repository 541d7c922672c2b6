using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Reports.Pipelines;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ModelGuidelines.Cli;

/// <summary>How far an audit is, on standard error: a bar with rate and estimate where that is a terminal, else a line now and then, so that a build server's log tells that it goes on.</summary>
internal static class AuditProgress
{
    /// <summary>Fewer files are done before a bar could be read.</summary>
    private const int ShortWork = 20;

    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(30);

    /// <summary>Audits all inputs; the results in their order.</summary>
    public static async Task<List<AuditResult>> AuditAsync(IReadOnlyCollection<AuditInput> inputs, AuditSettings settings, CancellationToken cancellation)
    {
        var results = new List<AuditResult>();
        await RunAsync(inputs.Count, async advance =>
        {
            await foreach (var result in Auditor.Default.AuditAsync(inputs, settings with { Advanced = advance }, cancellation))
            {
                results.Add(result);
            }
        });
        return results;
    }

    /// <summary>Runs <paramref name="work"/>, which says after each file that one more is done.</summary>
    public static async Task RunAsync(int total, Func<Action, Task> work)
    {
        if (total < ShortWork)
        {
            await work(() => { });
        }
        else if (Console.IsErrorRedirected || BuildServer.IsPresent(Environment.GetEnvironmentVariable))
        {
            await work(Lines(total, TimeProvider.System, Terminal.Say));
        }
        else
        {
            var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
            await console.Progress()
                .AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RateColumn(), new RemainingTimeColumn())
                .StartAsync(async context =>
                {
                    var task = context.AddTask($"Auditing {total} files", maxValue: total);
                    await work(() => task.Increment(1));
                });
        }
    }

    internal static Action Lines(int total, TimeProvider clock, Action<string> say)
    {
        var pace = new AuditPace(total, clock);
        var last = clock.GetTimestamp();
        return () =>
        {
            pace.Done++;
            if (clock.GetElapsedTime(last) >= LineInterval && pace.Done < total)
            {
                last = clock.GetTimestamp();
                say($"note: {pace}");
            }
        };
    }

    private sealed class RateColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(string.Create(CultureInfo.InvariantCulture, $"{task.Speed ?? 0:0} files/s"));
    }
}
