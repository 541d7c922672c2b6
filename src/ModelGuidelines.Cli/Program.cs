using System.CommandLine;
using ModelGuidelines.Cli;

var root = new RootCommand("Audits model files against the model guidelines of AIMET.")
{
    TestCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
