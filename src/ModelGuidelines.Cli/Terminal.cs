using System.CommandLine;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Pipelines;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary>Consoles for what people read.</summary>
internal static class Terminal
{
    /// <summary>Columns where there is no terminal to ask.</summary>
    public const int DefaultWidth = 80;

    /// <summary>Colours and the terminal's width on a terminal; plain text of 80 columns anywhere else. NO_COLOR is respected.</summary>
    public static IAnsiConsole Output(TextWriter writer, bool isTerminal, bool always = false)
    {
        var plain = !isTerminal || (!always && Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 });
        var console = AnsiConsole.Create(new()
        {
            Ansi = plain ? AnsiSupport.No : always ? AnsiSupport.Yes : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : always ? ColorSystemSupport.Standard : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),

            // They take the logs of build servers for terminals.
            Enrichment = new() { UseDefaultEnrichers = false },
        });
        console.Profile.Width = isTerminal && !Console.IsOutputRedirected ? Width() : DefaultWidth;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    /// <summary>Whether what people read has colours: on a terminal, and there only, unless it is said otherwise.</summary>
    public static Option<string> Color { get; } = new("--color") { Description = "Colours: auto (on a terminal, the default), always or never.", DefaultValueFactory = _ => "auto", Recursive = true };

    /// <summary>Writes for people to standard output or to a file.</summary>
    public static void Write(string? file, ParseResult parsed, Action<IAnsiConsole> write)
    {
        var color = parsed.GetValue(Color);
        var isTerminal = color == "always" || (color == "auto" && file is null && !Console.IsOutputRedirected && !BuildServer.IsPresent(Environment.GetEnvironmentVariable));
        if (!isTerminal)
        {
            // Where it may write no codes, the library resets colours by .NET's console, which writes codes of its own to a terminal.
            Environment.SetEnvironmentVariable("NO_COLOR", "1");
        }

        OutputTarget.Write(file, stream =>
        {
            using var buffer = new StringWriter { NewLine = "\n" };
            write(Output(buffer, isTerminal, color == "always"));
            using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);

            // Grids fill their lines with blanks.
            foreach (var line in buffer.ToString().TrimEnd('\n').Split('\n'))
            {
                text.WriteLine(isTerminal ? line : line.TrimEnd());
            }
        });
    }

    /// <summary>A name or a sentence within markup: nothing in it is markup.</summary>
    public static string Escape(string text) => Markup.Escape(Printable.Text(text));

    /// <summary>A line for people on standard error.</summary>
    public static void Say(string line) => Console.Error.WriteLine($"modelguidelines: {line}");

    /// <summary>Why nothing was done with a file, on standard error.</summary>
    public static void SayFailure(string path, AuditError error) => Say($"{Printable.Text(path)}: {error.Id}: {Printable.Text(error.Message)}");

    private static int Width()
    {
        try
        {
            return Math.Clamp(Console.WindowWidth, 40, 200);
        }
        catch (IOException)
        {
            return DefaultWidth;
        }
    }
}
