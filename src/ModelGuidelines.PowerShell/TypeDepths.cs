using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace ModelGuidelines.PowerShell;

/// <summary>Tells PowerShell how deep objects are, so that jobs, sessions and CLIXML keep all of them: one level is what it keeps by itself.</summary>
/// <remarks>In code and not in a types file: a second copy of the module in one session would fail on that.</remarks>
internal static class TypeDepths
{
    private static readonly (Type Type, uint Depth)[] Depths =
    [
        (typeof(Finding), 3),
        (typeof(AuditedFile), 3),
        (typeof(ModelModule), 3),
        (typeof(ModelNode), 3),
        (typeof(ModelRepair), 3),
        (typeof(ModelReadiness), 3),
        (typeof(AuditRun), 4),
        (typeof(FindingChange), 4),
    ];

    public static void Register()
    {
        if (Runspace.DefaultRunspace is null)
        {
            return;
        }

        using var here = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        foreach (var (type, depth) in Depths)
        {
            here.AddStatement().AddCommand("Microsoft.PowerShell.Utility\\Update-TypeData").AddParameter("TypeName", type.FullName).AddParameter("SerializationDepth", depth).AddParameter("Force");
        }

        here.Invoke();
    }
}
