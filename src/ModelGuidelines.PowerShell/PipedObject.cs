using System.Management.Automation;

namespace ModelGuidelines.PowerShell;

/// <summary>Reads what comes through the pipeline: objects of the cmdlets, live or from a job, a session, CLIXML, JSON or CSV, and whatever else has a path.</summary>
internal static class PipedObject
{
    private static readonly string[] PathProperties = ["LiteralPath", "PSPath", "FullName", "Path"];

    /// <summary>The path that an object carries, which means itself whatever characters are in it; null when it has none.</summary>
    public static string? PathOf(PSObject piped) => piped.BaseObject switch
    {
        FileSystemInfo file => file.FullName,

        // The file that was audited, wherever the location of the session is now.
        Finding { FullPath: { } path } => path,
        UndecidableGuideline { FullPath: { } path } => path,
        AuditedFile { FullPath: { } path } => path,
        _ => PathProperties.Select(name => Text(piped, name)).FirstOrDefault(path => !string.IsNullOrEmpty(path)),
    };

    /// <summary>The path as reports call it.</summary>
    public static string? DisplayOf(PSObject piped) => piped.BaseObject is Finding or UndecidableGuideline or AuditedFile ? Text(piped, "Path") : null;

    /// <summary>Whether it is one of ours, live or deserialized.</summary>
    public static bool Is<T>(PSObject piped) => piped.BaseObject is T || piped.TypeNames.Any(n => n == "Deserialized." + typeof(T).FullName);

    /// <summary>What an error calls it.</summary>
    public static string Name(PSObject? piped) => piped is null ? "" : LanguagePrimitives.ConvertTo<string>(piped);

    /// <summary>A property as text; null when it is missing or cannot be read.</summary>
    public static string? Text(PSObject piped, string name)
    {
        try
        {
            return piped.Properties[name]?.Value switch
            {
                null => null,
                string text => text,
                PSObject { BaseObject: string text } => text,
                var other => LanguagePrimitives.ConvertTo<string>(other),
            };
        }
        catch (Exception e) when (e is GetValueException or PSInvalidCastException)
        {
            return null; // a property that throws is one that is not there
        }
    }
}
