using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Reports;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary>Findings for people: first what there is and where to begin, then a line per place, as compilers write it.</summary>
/// <remarks>A line of a place is never wrapped: terminals make a link of <c>path:line:column</c> only when it stands whole.</remarks>
internal static class TableReport
{
    /// <summary>Most lines that are written without being asked for all.</summary>
    public const int MaximumLines = 300;

    /// <summary>So few places come with what to do about each; of more the summary says it once.</summary>
    private const int FewPlaces = 20;

    private const int MaximumGroups = 12;
    private const int MaximumUnread = 40;
    private const int FirstPlaces = 5;

    public static void Write(IAnsiConsole console, AuditReport report, bool verbose = false)
    {
        report = report.ByPlace();
        var lines = new Lines(console, verbose ? int.MaxValue : MaximumLines);
        var places = report.Results.SelectMany(r => r.Findings).ToList();
        lines.Add($"[bold]{Escape(report.Summary.ToString())}.[/]");
        if (RolesLeftOut.Line(report.Run.LeftOut, "--include-role") is { } leftOut)
        {
            lines.Add($"[grey]{Escape(leftOut)}[/]");
        }

        if (places.Count > FewPlaces)
        {
            WriteGuidelines(lines, report, places);
            WriteFirst(lines, places);
        }

        WriteUndecided(lines, report, verbose);
        WriteUnread(lines, report, verbose);
        WritePlaces(lines, places);
    }

    private static void WriteGuidelines(Lines lines, AuditReport report, List<Finding> places)
    {
        lines.Add("");
        foreach (var group in places.GroupBy(f => (f.Guideline, f.Severity)).OrderByDescending(g => g.Key.Severity).ThenByDescending(g => g.Count()))
        {
            var files = group.Select(f => f.SourcePlace?.File ?? f.Path).Distinct(StringComparer.Ordinal).Count();
            var descriptor = GuidelineCatalog.All.FirstOrDefault(g => g.Descriptor.Id == group.Key.Guideline)?.Descriptor;
            lines.Add($"  {Label(group.Key.Severity)}  {Escape(group.Key.Guideline),-25} {Count(group.Count(), "place")} in {Count(files, "file")}: {Escape(Lower(descriptor?.Title ?? ""))}");
        }

        if (report.Run.Fixed is { } gone)
        {
            lines.Add($"  [green]fixed[/]  {Count(gone, "finding")} of the baseline");
        }
    }

    /// <summary>The places that most modules come to: there one edit does most.</summary>
    private static void WriteFirst(Lines lines, List<Finding> places)
    {
        var first = places.Where(f => f.InstanceCount > 1 && f.Severity >= Severity.Warning)
            .OrderByDescending(f => f.InstanceCount).Take(FirstPlaces).ToList();
        if (first.Count == 0)
        {
            return;
        }

        lines.Add("");
        lines.Add("Begin where most modules come to:");
        foreach (var finding in first)
        {
            lines.Add($"  {Escape(finding.Whereabouts)}: {Count(finding.InstanceCount, "module")}: {Escape(finding.Recommendation ?? finding.Guideline)}");
        }
    }

    private static void WriteUndecided(Lines lines, AuditReport report, bool verbose)
    {
        var groups = UndecidedGroup.Of(report.Results);
        if (groups.IsEmpty)
        {
            return;
        }

        lines.Add("");
        lines.Add("Cannot be decided:");
        foreach (var group in verbose ? groups : groups.Take(MaximumGroups))
        {
            var where = group.Files.Length == 1 ? Escape(group.Files[0].Path) : Count(group.Files.Length, "file");
            lines.Add($"  [blue]{Escape(group.Guideline)}[/]: {where}: {Escape(group.Cause)}");
            if (verbose && group.Files.Length > 1)
            {
                foreach (var file in group.Files)
                {
                    lines.Add($"    {Escape(file.Path)}: {Escape(file.Reason)}");
                }
            }
        }

        if (!verbose && groups.Length > MaximumGroups)
        {
            var rest = groups.Skip(MaximumGroups).ToList();
            lines.Add($"  for {Count(rest.Count, "other reason")} in {Count(rest.SelectMany(g => g.Files).Select(f => f.Path).Distinct(StringComparer.Ordinal).Count(), "file")} (-v lists all)");
        }
    }

    private static void WriteUnread(Lines lines, AuditReport report, bool verbose)
    {
        var unread = report.Results.Where(r => r.Error is not null).ToList();
        if (unread.Count == 0)
        {
            return;
        }

        lines.Add("");
        foreach (var result in verbose ? unread : unread.Take(MaximumUnread))
        {
            lines.Add($"{Escape(result.Path)}: [red]not audited[/]: {Escape(result.Error!.Message)} [grey]({Escape(result.Error.Id)})[/]");
        }

        if (!verbose && unread.Count > MaximumUnread)
        {
            lines.Add($"and {Count(unread.Count - MaximumUnread, "other file")} that could not be audited (-v lists all)");
        }
    }

    private static void WritePlaces(Lines lines, List<Finding> places)
    {
        if (places.Count == 0)
        {
            return;
        }

        lines.Add("");

        // Where not all fit, the worst stay, in the order of their files.
        var room = lines.Left - 2;
        HashSet<Finding>? shown = places.Count <= room ? null
            : [.. places.Select((f, i) => (f, i)).OrderByDescending(p => p.f.Severity).ThenByDescending(p => p.f.Confidence).ThenBy(p => p.i).Take(room).Select(p => p.f)];
        string? package = null;
        foreach (var finding in places.Where(f => shown?.Contains(f) != false).OrderBy(f => f.External).ThenBy(f => f.Package, StringComparer.Ordinal))
        {
            if (finding.Package != package)
            {
                // Nobody can edit these, but AIMET meets them.
                package = finding.Package;
                lines.Add("");
                lines.Add($"In the installed package {Escape(package ?? "")}:");
            }

            var confidence = finding.Confidence is Confidence.Likely ? " (likely)" : "";
            lines.Add($"{Escape(finding.Whereabouts)}: {Label(finding.Severity).TrimEnd()}{confidence}: {Escape(finding.Message)} [grey]({Escape(finding.Guideline)})[/]");
            if (places.Count <= FewPlaces && finding.Recommendation is { } advice)
            {
                lines.Add($"  [grey]{Escape(advice)}[/]");
            }
        }

        if (shown is not null)
        {
            lines.Add("");
            lines.Add($"and {Count(places.Count - shown.Count, "other place")} of lower severity or later files: -v lists all, --format json for tools");
        }
    }

    private static string Label(Severity severity) => severity switch
    {
        Severity.Error => "[red]error[/]  ",
        Severity.Warning => "[yellow]warning[/]",
        _ => "[grey]note[/]   ",
    };

    private static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");

    private static string Lower(string text) => text.Length == 0 ? text : char.ToLowerInvariant(text[0]) + text[1..];

    private static string Escape(string text) => Terminal.Escape(text);

    /// <summary>Writes lines as they are, and counts them.</summary>
    private sealed class Lines(IAnsiConsole console, int maximum)
    {
        private int _written;

        /// <summary>How many more are wanted.</summary>
        public int Left => Math.Max(0, maximum - _written);

        public void Add(string markup)
        {
            var width = console.Profile.Width;
            console.Profile.Width = 1 << 20; // no breaks: the terminal wraps what is too long for it, and knows that it is one line
            console.MarkupLine(markup);
            console.Profile.Width = width;
            _written++;
        }
    }
}
