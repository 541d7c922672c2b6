using ModelGuidelines.Audit;
using ModelGuidelines.Formats;

namespace ModelGuidelines.Cli;

/// <summary>Turns the paths of a command line into inputs.</summary>
internal static class PathArguments
{
    /// <summary>Files, folders and wildcards, with nothing left out.</summary>
    public static IEnumerable<AuditInput> Find(IEnumerable<string> paths, TextReader standardInput) => Find(new(FormatRegistry.Default), paths, standardInput);

    /// <summary>Files, folders and wildcards; <c>-</c> stands for the names on standard input, taken literally, with line ends or NUL between them.</summary>
    /// <remarks>Such a list comes from a program that knows nothing of models (<c>git diff --name-only -z</c>): what is gone or is no model is passed over, as in a search.</remarks>
    public static IEnumerable<AuditInput> Find(InputFinder finder, IEnumerable<string> paths, TextReader standardInput)
    {
        foreach (var path in paths)
        {
            var inputs = path == "-" ? Names(standardInput).SelectMany(finder.FindListed) : finder.Find(path);
            foreach (var input in inputs)
            {
                yield return input;
            }
        }
    }

    private static IEnumerable<string> Names(TextReader reader)
    {
        var text = reader.ReadToEnd();
        return text.Contains('\0', StringComparison.Ordinal) ? text.Split('\0', StringSplitOptions.RemoveEmptyEntries) : text.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0);
    }
}
