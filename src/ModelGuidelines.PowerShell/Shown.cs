using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>Values as the module's views show them. Objects hold names as they are in files; what a view writes to a terminal or into the log of a build server
/// starts no command there.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Shown
{
    /// <summary>The value with all text in it made safe; a list stays one, so that PowerShell abbreviates it.</summary>
    public static object? Of(object? value) => value switch
    {
        null => null,
        string text => Text(text),
        PSObject { BaseObject: not PSCustomObject } wrapped => Of(wrapped.BaseObject),
        IDictionary => Text(value),
        IEnumerable list => list.Cast<object?>().Select(Of).ToArray(),
        Enum or IConvertible => value,
        _ => Text(value),
    };

    /// <summary>The text of a value, safe to show.</summary>
    public static string Text(object? value) => Printable.InLog(Convert.ToString(value, CultureInfo.InvariantCulture));
}
