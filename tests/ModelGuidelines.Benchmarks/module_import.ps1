#!/usr/bin/env pwsh
# What Import-Module costs in a fresh PowerShell, beside a binary module with one empty cmdlet: the fastest of five starts each.
# dotnet pwsh tests/ModelGuidelines.Benchmarks/module_import.ps1   (after dotnet build)
$root = (Resolve-Path "$PSScriptRoot/../..").ProviderPath
$shell = (Split-Path ([Environment]::ProcessPath) -Leaf) -like 'pwsh*' ? @([Environment]::ProcessPath) : @([Environment]::ProcessPath, (Join-Path $PSHOME 'pwsh.dll'))
$new = { param($script) & $shell[0] @($shell | Select-Object -Skip 1) -NoProfile -NonInteractive -Command $script }
$empty = Join-Path ([IO.Path]::GetTempPath()) "Empty$PID.dll"
try {
    & $new "Add-Type -TypeDefinition 'using System.Management.Automation; [Cmdlet(""Get"",""Nothing"")] public class C : Cmdlet { }' -OutputAssembly '$empty'"
    foreach ($module in @{ Key = 'empty'; Value = $empty }, @{ Key = 'ModelGuidelines'; Value = "$root/ModelGuidelines.psd1" }) {
        $best = 1..5 | ForEach-Object { [double](& $new "(Measure-Command { Import-Module '$($module.Value)' }).TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)") } | Measure-Object -Minimum
        '{0,-16} {1,4:0} ms' -f $module.Key, $best.Minimum
    }
}
finally { Remove-Item -LiteralPath $empty -ErrorAction Ignore }
