using System.Collections.Immutable;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Audit.Configuration;

/// <summary>Guidelines and severities by path, and accepted findings, applied to what was found in a file.</summary>
public sealed class AuditRules
{
    private readonly ImmutableArray<(Globs? Match, PathRule Rule)> _rules;
    private readonly ImmutableArray<(Globs Match, FindingSuppression By)> _suppressions;
    private readonly string _source;

    internal AuditRules(AuditOptions file, DateOnly today)
    {
        _source = file.Source;
        _rules = [.. (file.Rules ?? []).Select(r => (r.Match.IsEmpty ? null : new Globs(r.Match, file.Folder!), r))];
        _suppressions = [.. (file.Suppressions ?? []).Where(s => !(s.Expires < today)).Select(s => (new Globs(s.Path, file.Folder!), s))];
    }

    /// <summary>The settings file.</summary>
    internal string Source => _source;

    /// <summary>What accepts findings of a file.</summary>
    internal IEnumerable<FindingSuppression> AcceptingIn(string path) => _suppressions.Where(s => s.Match.Match(path)).Select(s => s.By);

    /// <summary>What the rules leave, without what is below a severity.</summary>
    /// <param name="result">With findings of every severity.</param>
    /// <param name="minimum">Of what is kept.</param>
    public AuditResult Apply(AuditResult result, Severity minimum)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var suppressed = result.SuppressedFindings.ToBuilder();
        foreach (var finding in result.Findings)
        {
            var path = finding.SourcePath ?? result.FullPath ?? "";
            if (SeverityOf(finding, path) is not { } severity)
            {
                continue;
            }

            var changed = severity == finding.Severity ? finding : finding with { Severity = severity };
            if (_suppressions.FirstOrDefault(s => Accepts(s.By, finding) && s.Match.Match(path)).By is { } by)
            {
                suppressed.Add(new(changed, new(finding.Guideline, by.Reason, by.Line, by.Line, _source)));
            }
            else
            {
                findings.Add(changed);
            }
        }

        return result with
        {
            Findings = [.. findings.Where(f => f.Severity >= minimum)],
            Guidelines = [.. result.Guidelines.Where(g => !IsOff(g.Guideline, result.FullPath ?? "")).Select(g => Outcome(g, findings))],
            SuppressedFindings = suppressed.ToImmutable(),
            Suppressed = result.Suppressed + suppressed.Count - result.SuppressedFindings.Length,
        };
    }

    private static GuidelineOutcome Outcome(GuidelineOutcome given, ImmutableArray<Finding>.Builder findings)
    {
        var violates = findings.Any(f => f.Guideline == given.Guideline && f.Severity >= Severity.Warning);
        return given.Outcome switch
        {
            Guidelines.Outcome.Fail when !violates => given with { Outcome = Guidelines.Outcome.Pass, Reason = "the settings accept all findings" },
            Guidelines.Outcome.Pass or Guidelines.Outcome.Undecidable when violates => given with { Outcome = Guidelines.Outcome.Fail },
            _ => given,
        };
    }

    private static bool Accepts(FindingSuppression by, Finding finding) =>
        GuidelineCatalog.Matches(by.Guideline, finding.Guideline)
        && (by.Module is null || (finding.Instances.IsEmpty ? finding.Module is { } module && ModuleNames.Covers(by.Module, module) : finding.Instances.All(i => ModuleNames.Covers(by.Module, i))));

    private bool IsOff(string guideline, string path)
    {
        var off = false;
        foreach (var rule in Matching(path))
        {
            off = rule.Guidelines is { } only ? !only.Any(p => GuidelineCatalog.Matches(p, guideline)) : off;
            off |= rule.ExcludedGuidelines?.Any(p => GuidelineCatalog.Matches(p, guideline)) == true;
        }

        return off;
    }

    /// <summary>What the rules make of a finding; null where they leave it out.</summary>
    /// <param name="finding">Of any severity.</param>
    /// <param name="path">The full path of its file.</param>
    internal Severity? SeverityOf(Finding finding, string path)
    {
        if (IsOff(finding.Guideline, path))
        {
            return null;
        }

        Severity? severity = finding.Severity;
        foreach (var (pattern, value) in Matching(path).SelectMany(r => r.Severities).Where(s => GuidelineCatalog.Matches(s.Key, finding.Guideline)))
        {
            severity = value;
        }

        return severity;
    }

    private IEnumerable<PathRule> Matching(string path) => _rules.Where(r => r.Match?.Match(path) != false).Select(r => r.Rule);
}
