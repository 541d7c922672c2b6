namespace ModelGuidelines.Audit;

/// <summary>What somebody can do about an error, by its id.</summary>
public static class ErrorAdvice
{
    public static string For(string id) => id switch
    {
        "MG.Input.NotFound" => "Check the path; use -LiteralPath for names with brackets.",
        "MG.Input.BrokenLink" => "Restore the file that the link points at, or remove the link.",
        "MG.Input.LinkOutside" => "Name the file itself, or have links followed: --follow-links (-FollowLinks), or followLinks in the settings file.",
        "MG.Input.AccessDenied" or "MG.Input.FolderUnreadable" => "Give yourself the right to read it.",
        "MG.Input.Unreadable" => "Close the program that holds the file, then try again.",
        "MG.Input.Empty" => "Export the model again.",
        "MG.Input.UnknownFormat" => "Name files of a supported format: ONNX, TorchScript, torch.export, Keras or Python source.",
        "MG.Input.GitLfsPointer" => "Fetch the file with 'git lfs pull'.",
        "MG.Input.NotAModelFolder" => "Name a folder that holds models.",
        "MG.Input.UnsupportedProvider" or "MG.Input.InvalidPath" => "Name files of the file system.",
        "MG.Input.PathTooLong" => "Move the file to a shorter path.",
        "MG.Input.TooLarge" => "Audit the file on a machine with more memory.",
        Storage.ReadBudget.OutOfTimeId => "Give it more time with --time-limit (-TimeLimit), or audit another export of the model.",
        "MG.Graph.NoSuchModule" => "List the names with Get-ModelGraph -Module.",
        "MG.Guideline.NotFound" => "List the guidelines with Get-ModelGuideline.",
        "MG.Input.NoPath" => "Pipe paths, files or findings, or select the property that holds the path.",
        "MG.Input.NothingAudited" => "Name files of a supported format, or search the folder with -Recurse.",
        "MG.Audit.Failed" => "Repair or suppress what is reported, accept it in a baseline with -UpdateBaseline, or choose another -FailOn.",
        "MG.Report.NotAnAudit" => "Pipe what Test-ModelGuideline, Invoke-ModelAudit or Import-ModelAudit emit.",
        "MG.Report.Unknown" or "MG.Report.Damaged" => "Name a JSON or SARIF report that this tool wrote.",
        "MG.Report.WriteFailed" => "Choose another place for the report.",
        "MG.Report.Options" or "MG.Test.Options" => "Get-Help of the cmdlet describes its parameters.",
        "MG.Repair.Options" => "Leave out one of the options.",
        "MG.Repair.TargetIsTaken" => "Repair the folder that holds both, which keeps their places below it, or name another folder or suffix.",
        "MG.Repair.TargetIsSource" or "MG.Repair.TargetIsLink" or "MG.Repair.TargetIsFolder" or "MG.Repair.AccessDenied" or "MG.Repair.WriteFailed" => "Choose another place with -OutputPath (--output-path).",
        "MG.Repair.DiskFull" => "Make room, or choose another disk with -OutputPath (--output-path).",
        "MG.Repair.Changed" => "Repair it again when nobody writes to it.",
        "MG.Repair.Different" or "MG.Repair.Defect" => "Report it with the file, if you may share it.",
        "MG.Repair.TooLarge" => "Use -ShareParameters (--share-parameters), or export with external data.",
        "MG.Repair.TargetExists" or "MG.Repair.ExternalData" or "MG.Repair.TargetIsDevice" => "Choose another place with -OutputPath (--output-path), or replace what is there with -Force (--force).",
        "MG.Repair.NotFound" => "Check the path, and that nobody else moves the file.",
        "MG.Repair.Unsupported" => "Repair the source that the file was exported from.",
        "MG.PythonSource.NoModel" => "Name the file that defines the model, or the model itself by -Entry (--entry).",
        "MG.Store.NotFound" => "Name the store by the file that -Store (--store) of an audit wrote, or audit with it first.",
        "MG.Store.NoRun" => "List the runs with Get-ModelAudit, or with 'modelguidelines history'.",
        "MG.Internal.Defect" => "Report it with the file, if you may share it.",
        _ when id.StartsWith("MG.Settings.", StringComparison.Ordinal) => "Correct the line; docs/settings.md has all keys.",
        _ when id.StartsWith("MG.Entry.", StringComparison.Ordinal) => "Write the entry as Python would have it, 'Net(num_classes=10)' or 'package.module:build()', and name the folders of its imports with -SearchPath (--search-path).",
        _ when id.StartsWith("MG.Git.", StringComparison.Ordinal) => "Fetch the commit and name it as git does, or audit without -ChangedSince (--changed-since).",
        _ when id.StartsWith("MG.Shard.", StringComparison.Ordinal) => "Name the part: 3/16 is the third of sixteen.",
        _ when id.StartsWith("MG.Store.", StringComparison.Ordinal) => "Name a SQLite file in a folder that can be written to, or a PostgreSQL server that answers; docs/scale.md has examples.",
        _ when id.EndsWith(".Truncated", StringComparison.Ordinal) => "Copy or download the file again; it ends too early.",
        _ when id.Contains("Limit", StringComparison.Ordinal) || id.Contains("TooMany", StringComparison.Ordinal) || id.Contains("TooDeep", StringComparison.Ordinal)
            => "If the file is one of yours, audit another export of the model; docs/limits.md names the bounds.",
        _ => "Check the file with the tool that wrote it, or export the model again.",
    };
}
