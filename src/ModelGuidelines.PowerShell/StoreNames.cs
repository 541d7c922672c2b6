using ModelGuidelines.Store;

namespace ModelGuidelines.PowerShell;

/// <summary>Names of stores as PowerShell gives them: a file is where the location is, which is not the folder of the process.</summary>
internal static class StoreNames
{
    public static string Resolve(string name, Func<string, string> fullPath) => AuditStore.IsFile(name) ? fullPath(name) : name;
}
