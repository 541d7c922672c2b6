using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>What all cmdlets share: they stop at once, and errors of the engine become records.</summary>
public abstract class ModelCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Signalled when the pipeline is stopped.</summary>
    private protected CancellationToken StopToken => _stop.Token;

    protected override void StopProcessing() => _stop.Cancel();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Called when the pipeline ends, also when a command after this one has had enough.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Cancel();
        }
    }

    /// <summary>Ends the pipeline when that is asked for; a cmdlet that went on would only find the same token signalled.</summary>
    /// <exception cref="PipelineStoppedException">It is.</exception>
    private protected void ThrowIfStopped()
    {
        if (Stopping || _stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    // Names out of files are in what is said, and the host may be the log of a build server.
    private protected new void WriteWarning(string text) => base.WriteWarning(Printable.InLog(text, int.MaxValue));

    private protected new void WriteVerbose(string text) => base.WriteVerbose(Printable.InLog(text, int.MaxValue));

    private protected new void WriteDebug(string text) => base.WriteDebug(Printable.InLog(text, int.MaxValue));

    /// <summary>Writes an error of the engine as a record of PowerShell.</summary>
    private protected void WriteError(AuditError error, string target) => WriteError(Errors.Record(error, target));

    /// <summary>Ends the command with an error of the engine.</summary>
    private protected void ThrowError(string id, string message, string target) => ThrowTerminatingError(Errors.Record(new(id, message, null), target));

    /// <summary>The full path of a file to read or write that a parameter names literally.</summary>
    private protected string? FilePath(string given)
    {
        try
        {
            var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(given, out var provider, out _);
            if (provider.Name == "FileSystem")
            {
                return full;
            }

            WriteError(new AuditError("MG.Input.UnsupportedProvider", $"'{given}' is a path of the provider {provider.Name}; this needs a file.", null), given);
        }
        catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException or ProviderInvocationException or NotSupportedException or ArgumentException)
        {
            WriteError(new AuditError("MG.Input.InvalidPath", e.Message, null), given);
        }

        return null;
    }
}
