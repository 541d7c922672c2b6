#!/usr/bin/env pwsh
<#
.SYNOPSIS
Runs the session in README.md again, each line after 'PS>' in a PowerShell of its own, and puts what it prints beneath.
.EXAMPLE
dotnet pwsh tests/ModelGuidelines.Module/Update-Readme.ps1
#>
[CmdletBinding()]
param(
    # Returns the text instead of writing the file.
    [switch] $PassThru
)

$ErrorActionPreference = 'Stop'
$root = (Resolve-Path "$PSScriptRoot/../..").ProviderPath
$readme = Join-Path $root 'README.md'
$text = [IO.File]::ReadAllText($readme)
$block = [regex]::Match($text, '(?s)(?<=```\n)PS> Import-Module.*?(?=```)')
$commands = [regex]::Matches($block.Value, '(?m)^PS> (.*)$') | ForEach-Object { $_.Groups[1].Value.TrimEnd() }

# In a copy: what the session writes must not meet other tests of the samples.
$folder = New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "readme-$([guid]::NewGuid())")
$session = Join-Path $folder 'session.ps1'
try {
    foreach ($item in 'ModelGuidelines.psd1', 'Module', 'samples') { Copy-Item -LiteralPath (Join-Path $root $item) -Destination $folder -Recurse }
    $lines = foreach ($command in $commands) {
        $quoted = $command.Replace("'", "''")
        "Write-Host 'PS> $quoted'"
        ". { $command } | Out-String -Stream -Width 80 | Write-Host"
    }
    Set-Content -LiteralPath $session -Value (@('$PSStyle.OutputRendering = ''PlainText''; $ProgressPreference = ''SilentlyContinue''') + $lines)
    Push-Location -LiteralPath $folder
    $pwsh = (Split-Path ([Environment]::ProcessPath) -Leaf) -like 'pwsh*' ? @([Environment]::ProcessPath) : @([Environment]::ProcessPath, (Join-Path $PSHOME 'pwsh.dll'))
    $said = & $pwsh[0] @($pwsh | Select-Object -Skip 1) -NoProfile -NonInteractive -File $session
}
finally {
    Pop-Location
    Remove-Item -LiteralPath $folder -Recurse -Force
}

# Blank lines around an output only take room on a page.
$said = ($said | ForEach-Object TrimEnd) -join "`n"
$said = [regex]::Replace($said, '\n+(?=PS> |$)', "`n")
$said = [regex]::Replace($said, '(?m)^(PS> .*)\n\n+', "`$1`n").TrimEnd() + "`n"
$new = $text.Substring(0, $block.Index) + $said + $text.Substring($block.Index + $block.Length)
if ($PassThru) { $new } else { [IO.File]::WriteAllText($readme, $new) }
