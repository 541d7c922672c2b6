using System.CommandLine;
using System.CommandLine.Parsing;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Cli;

/// <summary>What the process says when it ends.</summary>
internal static class ExitCode
{
    /// <summary>Nothing at or above the threshold.</summary>
    public const int Success = 0;

    /// <summary>Something was found.</summary>
    public const int Findings = 1;

    /// <summary>Wrong usage, or an input that could not be read or an output that could not be written.</summary>
    public const int Failure = 2;

    /// <summary>Ctrl-C: 128 + SIGINT, as shells expect.</summary>
    public const int Interrupted = 130;
}

/// <summary>A message for the user that ends the command with <see cref="ExitCode.Failure"/>.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Parses and runs; the one place where failures become exit codes.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(Command root, string[] args)
    {
        var parsed = root.Parse(args);
        List<string> errors = [.. parsed.Errors.Select(e => e.Message), .. EmptyValues(parsed.CommandResult)];
        if (errors.Count > 0)
        {
            foreach (var error in errors)
            {
                await Console.Error.WriteLineAsync($"modelguidelines: {error}");
            }

            await Console.Error.WriteLineAsync($"Try 'modelguidelines {string.Join(' ', Path(parsed.CommandResult))}--help'.");
            return ExitCode.Failure;
        }

        try
        {
            // Workers stop within milliseconds of Ctrl-C; what does not stop is ended.
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMilliseconds(500) });
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (IsSaid(e))
        {
            Say(e);
            return ExitCode.Failure;
        }
        catch (Exception e)
        {
            // Scripts tell by the exit code; whoever reports it needs the place.
            await Console.Error.WriteLineAsync($"modelguidelines: MG.Internal.Defect: a defect in ModelGuidelines, please report it: {e}");
            return ExitCode.Failure;
        }
    }

    /// <summary>Whether it is a failure of what was given, not of the program.</summary>
    public static bool IsSaid(Exception e) => e is UsageException or ModelReadException or IOException or UnauthorizedAccessException;

    /// <summary>Says a failure in one line.</summary>
    public static void Say(Exception e) =>
        Console.Error.WriteLine($"modelguidelines: {(e is ModelReadException read ? $"{read.Id}: " : "")}{Reports.Printable.Text(e.Message)}");

    /// <summary>Options whose value is there and empty, as where a script's variable is not set: nothing that an option asks for has an empty name, and what is not understood is not passed over.</summary>
    private static IEnumerable<string> EmptyValues(CommandResult command) =>
        command.Children.OfType<OptionResult>().Where(o => o.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value))).Select(o => $"the value of {o.Option.Name} is empty");

    private static IEnumerable<string> Path(CommandResult command) =>
        command.Parent is CommandResult parent ? Path(parent).Append(command.Command.Name + " ") : [];
}
