using ModelGuidelines.Audit;
using ModelGuidelines.Formats;

namespace ModelGuidelines.Cli;

/// <summary>Turns the paths of a command line into inputs.</summary>
internal static class PathArguments
{
    /// <summary>Files, folders and wildcards, with nothing left out.</summary>
    public static IEnumerable<AuditInput> Find(IEnumerable<string> paths, TextReader standardInput) => Find(new(FormatRegistry.Default), paths, standardInput);

    /// <summary>Files, folders and wildcards; <c>-</c> stands for the paths on standard input, one a line, taken literally.</summary>
    public static IEnumerable<AuditInput> Find(InputFinder finder, IEnumerable<string> paths, TextReader standardInput)
    {
        foreach (var path in paths)
        {
            var inputs = path == "-" ? Lines(standardInput).SelectMany(l => finder.Find(l, isLiteral: true)) : finder.Find(path);
            foreach (var input in inputs)
            {
                yield return input;
            }
        }
    }

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }
}
