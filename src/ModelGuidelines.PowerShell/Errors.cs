using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;

namespace ModelGuidelines.PowerShell;

/// <summary>Turns errors of the engine into error records.</summary>
internal static class Errors
{
    /// <param name="error">Its id becomes the FullyQualifiedErrorId.</param>
    /// <param name="target">The file or the argument.</param>
    public static ErrorRecord Record(AuditError error, string target)
    {
        var message = Printable.Text(target.Length == 0 || error.Message.Contains(target, StringComparison.Ordinal)
            ? error.Message
            : $"{target}: {error.Message}");
        return new(new ModelReadException(error.Id, message, error.Offset), error.Id, CategoryOf(error.Id), target)
        {
            ErrorDetails = new(message) { RecommendedAction = ErrorAdvice.For(error.Id) },
        };
    }

    private static ErrorCategory CategoryOf(string id) => id switch
    {
        "MG.Input.NotFound" or "MG.Input.BrokenLink" or "MG.Graph.NoSuchModule" or "MG.Guideline.NotFound" => ErrorCategory.ObjectNotFound,
        "MG.Input.AccessDenied" or "MG.Input.FolderUnreadable" => ErrorCategory.PermissionDenied,
        "MG.Input.Unreadable" => ErrorCategory.ReadError,
        "MG.Input.UnsupportedProvider" or "MG.Input.InvalidPath" or "MG.Input.PathTooLong" => ErrorCategory.InvalidArgument,
        "MG.Input.UnknownFormat" or "MG.Input.NotAModelFolder" => ErrorCategory.InvalidType,
        "MG.Input.TooLarge" => ErrorCategory.ResourceUnavailable,
        "MG.Input.TimeLimit" => ErrorCategory.OperationTimeout,
        "MG.Input.NoPath" or "MG.Report.NotAnAudit" or "MG.Report.Options" or "MG.Repair.Options" or "MG.Test.Options" => ErrorCategory.InvalidArgument,
        "MG.Input.NothingAudited" => ErrorCategory.ObjectNotFound,
        "MG.Audit.Failed" => ErrorCategory.InvalidResult,
        "MG.Report.WriteFailed" => ErrorCategory.WriteError,
        "MG.Internal.Defect" => ErrorCategory.NotSpecified,
        _ => ErrorCategory.InvalidData,
    };
}
