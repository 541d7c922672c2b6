#Requires -Version 7.4
<#
.SYNOPSIS
Fails where a package that is used, by itself or through another, is known to be vulnerable, or where no source tells.
.DESCRIPTION
'dotnet list package --vulnerable' finds nothing as well where its source knows nothing. Of sources that are named for
the audit that is an error (NU1905), so they are named for this run.
.PARAMETER AuditSource
The index of a source (v3) that has data on vulnerabilities, where the package sources have none: a mirror, or a server
of one's own over a copy of an advisory database. It serves no packages then.
#>
[CmdletBinding()]
param(
    [uri] $AuditSource
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$solution = Join-Path $root 'ModelGuidelines.sln'
$settings = Join-Path ([IO.Path]::GetTempPath()) "nuget-audit-$PID.config"
$xml = [xml](Get-Content -LiteralPath (Join-Path $root 'nuget.config') -Raw)
$audit = $xml.configuration.AppendChild($xml.CreateElement('auditSources'))
if ($AuditSource) {
    $source = $xml.CreateElement('add')
    $source.SetAttribute('key', 'audit')
    $source.SetAttribute('value', $AuditSource.AbsoluteUri)
    $source.SetAttribute('protocolVersion', '3')
    if ($AuditSource.IsLoopback) { $source.SetAttribute('allowInsecureConnections', 'true') }
    [void]$audit.AppendChild($source)
}
else {
    foreach ($source in $xml.configuration.packageSources.add) { [void]$audit.AppendChild($source.Clone()) }
}
$xml.Save($settings)
try {
    & dotnet restore $solution --configfile $settings --force '-p:NuGetAudit=true' '-p:NuGetAuditMode=all' '-p:NuGetAuditLevel=low' '-warnaserror:NU1900;NU1901;NU1902;NU1903;NU1904;NU1905' | Tee-Object -Variable said
    if ($LASTEXITCODE -ne 0) {
        throw ("$said" -match 'NU190[1-4]' ? 'A package is known to be vulnerable: see NU1901 to NU1904 above.'
            : "$said" -match 'NU190[05]' ? 'It cannot be told here: no package source has data on vulnerabilities (NU1900, NU1905). Run it where nuget.org is reached, or name a source that has them (-AuditSource).'
            : "dotnet restore failed with exit code $LASTEXITCODE.")
    }
    & dotnet list $solution package --vulnerable --include-transitive --no-restore --config $settings
    if ($LASTEXITCODE -ne 0) { throw "dotnet list package failed with exit code $LASTEXITCODE." }
}
finally {
    Remove-Item -LiteralPath $settings
}
