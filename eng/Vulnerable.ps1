#Requires -Version 7.4
<#
.SYNOPSIS
Fails where a package that is used, by itself or through another, is known to be vulnerable, or where no source tells.
.DESCRIPTION
'dotnet list package --vulnerable' finds nothing as well where its source knows nothing. Of sources that are named for
the audit that is an error (NU1905), so they are named for this run.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$solution = Join-Path $root 'ModelGuidelines.sln'
$settings = Join-Path ([IO.Path]::GetTempPath()) "nuget-audit-$PID.config"
$xml = [xml](Get-Content -LiteralPath (Join-Path $root 'nuget.config') -Raw)
$audit = $xml.configuration.AppendChild($xml.CreateElement('auditSources'))
foreach ($source in $xml.configuration.packageSources.add) { [void]$audit.AppendChild($source.Clone()) }
$xml.Save($settings)
try {
    & dotnet restore $solution --configfile $settings --force '-p:NuGetAudit=true' '-p:NuGetAuditMode=all' '-p:NuGetAuditLevel=low' '-warnaserror:NU1900;NU1901;NU1902;NU1903;NU1904;NU1905' | Tee-Object -Variable said
    if ($LASTEXITCODE -ne 0) {
        throw ("$said" -match 'NU190[1-4]' ? 'A package is known to be vulnerable: see NU1901 to NU1904 above.'
            : "$said" -match 'NU190[05]' ? 'It cannot be told here: no package source has data on vulnerabilities (NU1900, NU1905). Run it where nuget.org is reached, or a source that mirrors its data.'
            : "dotnet restore failed with exit code $LASTEXITCODE.")
    }
    & dotnet list $solution package --vulnerable --include-transitive
    if ($LASTEXITCODE -ne 0) { throw "dotnet list package failed with exit code $LASTEXITCODE." }
}
finally {
    Remove-Item -LiteralPath $settings
}
