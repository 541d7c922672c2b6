#!/usr/bin/env pwsh
<#
.SYNOPSIS
Runs the Pester suite. 'dotnet test' does it by this script; with a path it runs one file.
.EXAMPLE
dotnet pwsh tests/ModelGuidelines.Module/Invoke-Suite.ps1 tests/ModelGuidelines.Module/Paths.Tests.ps1
#>
[CmdletBinding()]
param(
    # Files of the suite; all of it without.
    [string[]] $Path = $PSScriptRoot,

    # The manifest of Pester 5; without it, the newest that NuGet has fetched or that is installed.
    [string] $Pester,

    # Where the results go as JSON: name, result and message of each test.
    [string] $Report
)

$ErrorActionPreference = 'Stop'
if (-not $Pester) {
    $cache = $env:NUGET_PACKAGES ? $env:NUGET_PACKAGES : (Join-Path $HOME '.nuget/packages')
    $newest = Get-ChildItem (Join-Path $cache 'pester') -Directory -ErrorAction Ignore | Sort-Object { [version]$_.Name } | Select-Object -Last 1
    $Pester = $newest ? (Join-Path $newest 'tools/Pester.psd1') : 'Pester'
}
Import-Module $Pester -MinimumVersion 5.0

$settings = New-PesterConfiguration
$settings.Run.Path = $Path
$settings.Run.PassThru = $true
$settings.Output.Verbosity = $Report ? 'None' : 'Detailed'
$settings.TestRegistry.Enabled = $false

# Tests inherit this scope: they run under the preference that a session has, not under this script's.
$ErrorActionPreference = 'Continue'
$run = Invoke-Pester -Configuration $settings
$ErrorActionPreference = 'Stop'

if ($Report) {
    # A block or a file that falls over before its tests is a failure with a name of its own.
    $why = { ($_.ErrorRecord | ForEach-Object { $_.DisplayErrorMessage ?? "$_"; $_.DisplayStackTrace }) -join "`n" }
    $fallen = @($run.FailedBlocks) + @($run.FailedContainers) | Where-Object { $_ } | ForEach-Object { @{ name = "$($_.ExpandedPath ?? $_.Item)"; result = 'Failed'; message = & $why } }
    $tests = $run.Tests | ForEach-Object {
        $file = [IO.Path]::GetFileName($_.ScriptBlock.File)
        @{ name = "$($file): $($_.ExpandedPath)"; result = $_.Result; message = "$($_.Result -eq 'Skipped' ? 'skipped by the suite' : (& $why))" }
    }
    ConvertTo-Json -InputObject @(@($fallen) + @($tests) | Where-Object { $_ }) | Set-Content -LiteralPath $Report
}
else {
    exit [Math]::Min($run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount, 100)
}
