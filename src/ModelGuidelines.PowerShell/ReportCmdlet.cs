using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;

namespace ModelGuidelines.PowerShell;

/// <summary>What the cmdlets share that read reports or take objects of an audit.</summary>
public abstract class ReportCmdlet : ModelCmdlet
{
    /// <summary>What report files hold; what cannot be read is written as an error.</summary>
    private protected IEnumerable<AuditReport> ReadReports(IEnumerable<string> given, bool isLiteral)
    {
        foreach (var path in given.SelectMany(p => Files(p, isLiteral)))
        {
            ThrowIfStopped();
            AuditReport? report = null;
            try
            {
                using var stream = ReportReader.Open(path);
                report = ReportReader.ReadReport(stream, StopToken);
            }
            catch (OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }
            catch (ModelReadException e)
            {
                WriteError(new AuditError(e.Id, e.Message, e.Offset), path);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                WriteError(new AuditError("MG.Input.NotFound", "no such file", null), path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                WriteError(new AuditError("MG.Input.Unreadable", e.Message, null), path);
            }

            if (report is not null)
            {
                yield return report;
            }
        }
    }

    /// <summary>The results behind objects, which may also be paths of reports.</summary>
    private protected List<AuditResult> ResultsOf(IEnumerable<object?> given)
    {
        var audit = new PipedAudit();
        var files = new List<string>();
        foreach (var item in given.Where(g => g is not null).Select(PSObject.AsPSObject!))
        {
            if (item.BaseObject is string path)
            {
                files.Add(path);
            }
            else if (item.BaseObject is FileSystemInfo file)
            {
                files.Add(WildcardPattern.Escape(file.FullName));
            }
            else if (!audit.Add(item))
            {
                WriteNotAnAudit(item);
            }
        }

        return [.. ReadReports(files, isLiteral: false).SelectMany(r => r.Results), .. Results(audit).Results];
    }

    private protected AuditReport Results(PipedAudit audit)
    {
        try
        {
            return audit.Report(StopToken);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (ModelReadException e)
        {
            WriteError(new AuditError(e.Id, e.Message, null), MyInvocation.MyCommand.Name);
            return new([]);
        }
    }

    private protected void WriteNotAnAudit(PSObject? item) => WriteError(
        new AuditError("MG.Report.NotAnAudit", $"an object of the type {item?.TypeNames.FirstOrDefault() ?? "null"} is none of an audit: pipe what Test-ModelGuideline, Invoke-ModelAudit or Import-ModelAudit emit.", null),
        PipedObject.Name(item));

    private IEnumerable<string> Files(string given, bool isLiteral)
    {
        if (isLiteral || !WildcardPattern.ContainsWildcardCharacters(given))
        {
            return FilePath(given) is { } full ? [full] : [];
        }

        try
        {
            var found = GetResolvedProviderPathFromPSPath(given, out var provider);
            if (provider.Name == "FileSystem" && found.Count > 0)
            {
                return found;
            }
        }
        catch (Exception e) when (e is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException or ProviderInvocationException or WildcardPatternException)
        {
            // Said below.
        }

        WriteError(new AuditError("MG.Input.NotFound", $"No file matches '{given}'.", null), given);
        return [];
    }
}
