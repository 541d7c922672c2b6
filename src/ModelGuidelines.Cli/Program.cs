using System.CommandLine;
using System.CommandLine.Help;
using ModelGuidelines.Cli;

StandardStreams.Open();

// A plain command: a root command would call itself by the name of its assembly.
Terminal.Color.AcceptOnlyFromAmong("auto", "always", "never");
var root = new Command("modelguidelines", "Audits model files against the model guidelines of AIMET: without Python, without running the model's code.")
{
    new HelpOption(),
    new VersionOption(),
    Terminal.Color,
    TestCommand.Create(),
    MergeCommand.Create(),
    HistoryCommand.Create(),
    GraphCommand.Create(),
    RepairCommand.Create(),
    AimetCommand.Create(),
    GuidelinesCommand.Create(),
    ExplainCommand.Create(),
    SettingsCommand.Create(),
};
return await CommandRunner.RunAsync(root, args);
