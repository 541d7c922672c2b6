using System.Management.Automation;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace ModelGuidelines.PowerShell;

/// <summary>Loads the engine and its packages apart from everything else in the process: another module's version of
/// a package does no harm here and gets none.</summary>
internal sealed class ModuleLoadContext(string folder) : AssemblyLoadContext("ModelGuidelines")
{
    private readonly string _folder = folder;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Ours first, whatever version of it is loaded elsewhere; the platform's assemblies are not here.
        var path = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl" : "linux";
        var name = OperatingSystem.IsWindows() ? $"{unmanagedDllName}.dll" : OperatingSystem.IsMacOS() ? $"lib{unmanagedDllName}.dylib" : $"lib{unmanagedDllName}.so";
        var path = Path.Combine(_folder, "runtimes", $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}", "native", name);
        return File.Exists(path) ? LoadUnmanagedDllFromPath(path) : 0;
    }
}

/// <summary>Connects the cmdlets with the engine while the module is imported.</summary>
/// <remarks>Types that PowerShell examines before it calls this have no field whose layout needs the engine.</remarks>
public sealed class ModuleInitializer : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private const string Engine = "ModelGuidelines";
    private const string Verifier = "ModelGuidelines.OnnxRuntime";
    private const string Store = "ModelGuidelines.Store";

    // One per process: an assembly cannot be unloaded, and types of two loads would be strangers to each other.
    private static readonly Lazy<ModuleLoadContext> Context = new(
        () => new(Path.Combine(Path.GetDirectoryName(typeof(ModuleInitializer).Assembly.Location)!, "deps")));

    public void OnImport()
    {
        AssemblyLoadContext.Default.Resolving -= Resolve;
        AssemblyLoadContext.Default.Resolving += Resolve;
        TypeDepths.Register();
    }

    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        // Objects that the session keeps still need the engine; the handler answers for our own names only.
    }

    private static Assembly? Resolve(AssemblyLoadContext defaultContext, AssemblyName name) =>
        name.Name is Engine or Verifier or Store ? Context.Value.LoadFromAssemblyName(name) : null;
}
