#Requires -Version 7.4
<#
.SYNOPSIS
Writes what the command line and the module are made of as CycloneDX, two files of JSON. They are the same bytes for the same commit.
#>
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $OutputPath)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$version = (Import-PowerShellDataFile (Join-Path $root 'ModelGuidelines.psd1')).ModuleVersion
$dagre = Join-Path $root 'src/ModelGuidelines/Reports/Pictures/dagre.min.js'

foreach ($part in 'Cli', 'PowerShell') {
    $project = Join-Path $root "src/ModelGuidelines.$part/ModelGuidelines.$part.csproj"
    $file = Join-Path $OutputPath "ModelGuidelines.$part.cdx.json"
    & dotnet restore $project | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "dotnet restore failed with exit code $LASTEXITCODE." }
    & dotnet tool exec 'CycloneDX@6.3.1' --yes -- $project --output $OutputPath --filename (Split-Path -Leaf $file) --output-format Json `
        --disable-package-restore --exclude-dev --no-serial-number --set-name "ModelGuidelines.$part" --set-version $version | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "CycloneDX failed with exit code $LASTEXITCODE." }

    # What the list of packages leaves out: the native library, whose files are taken from its package, and what came from npm.
    $bom = Get-Content -LiteralPath $file -Raw | ConvertFrom-Json
    $native = ($bom.components | Where-Object name -EQ 'Microsoft.ML.OnnxRuntime.Managed').version
    foreach ($purl in "pkg:nuget/Microsoft.ML.OnnxRuntime@$native", 'pkg:npm/%40dagrejs/dagre@3.1.3') {
        $null = $purl -match '^pkg:\w+/(?<name>.+)@(?<version>.+)$'
        $component = [ordered]@{
            type = 'library'; 'bom-ref' = $purl; name = [uri]::UnescapeDataString($Matches.name); version = $Matches.version
            scope = 'required'; licenses = @(@{ license = @{ id = 'MIT' } }); purl = $purl
        }
        if ($purl -like 'pkg:npm/*') { $component.hashes = @(@{ alg = 'SHA-512'; content = (Get-FileHash -LiteralPath $dagre -Algorithm SHA512).Hash }) }
        $bom.components += [pscustomobject]$component
    }

    # A time would make the files of one commit differ.
    $bom.metadata.PSObject.Properties.Remove('timestamp')
    $bom | ConvertTo-Json -Depth 32 | Set-Content -LiteralPath $file -Encoding utf8NoBOM
}
