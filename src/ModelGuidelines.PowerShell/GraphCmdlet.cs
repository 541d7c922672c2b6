using ModelGuidelines.Audit;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.PowerShell;

/// <summary>What the cmdlets that show graphs share: reading each file, with errors that leave the others alone.</summary>
public abstract class GraphCmdlet : ModelPathCmdlet
{
    protected override void ProcessRecord()
    {
        foreach (var input in FindInputs())
        {
            try
            {
                if (input.Error is { } error)
                {
                    WriteError(error, input.DisplayPath);
                    continue;
                }

                var (format, graph) = Auditor.Default.ReadGraph(input.FullPath, ReadLimits.Default, StopToken);
                WriteVerbose($"Read {input.DisplayPath}: {format}, {graph.Exporter ?? "unknown exporter"}");
                Process(input.DisplayPath, graph);
            }
            catch (OperationCanceledException)
            {
                ThrowIfStopped();
            }
            catch (ModelReadException) when (input.IsGuess)
            {
                // Found by a search under an extension that other files carry too.
            }
            catch (ModelReadException e)
            {
                WriteError(new AuditError(e.Id, e.Message, e.Offset), input.DisplayPath);
            }
        }
    }

    /// <summary>Writes what is asked for of one graph.</summary>
    private protected abstract void Process(string path, ModelGraph graph);
}
