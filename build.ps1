#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
Builds, tests, measures, publishes, packs, vouches for or cleans ModelGuidelines.
.DESCRIPTION
Every task is a call of dotnet, and works as well without PowerShell:
Build is 'dotnet build', Test is 'dotnet test' (the Pester suite is in it), Benchmark is
'dotnet run -c Release --project tests/ModelGuidelines.Benchmarks', Pack is
'dotnet pack src/ModelGuidelines.PowerShell -o FOLDER', Clean is 'dotnet clean'.
Publish makes the command line as one file compiled ahead of time for this machine, which starts ten times as fast:
'dotnet publish src/ModelGuidelines.Cli -c Release -r RUNTIME -p:PublishAot=true -o FOLDER'. It needs a C compiler's linker.
PackTool makes the packages for 'dotnet tool install': that file for this machine's runtime, what runs on .NET 8 and newer
for every other, and the one that chooses between them. For several runtimes it runs on a machine of each with the same -Runtime.
Sbom writes what the command line and the module are made of, as CycloneDX (Pack and PackTool write it beside the packages).
Vulnerable fails where a package that is used, by itself or through another, is known to be vulnerable, or where no source tells.
Reproduce packs the last commit twice, in two folders, and fails where a byte of what is shipped differs.
.EXAMPLE
./build.ps1
.EXAMPLE
./build.ps1 Test
.EXAMPLE
./build.ps1 Pack -OutputPath out
.EXAMPLE
./build.ps1 PackTool; dotnet tool install --global ModelGuidelines.Cli --source artifacts
.EXAMPLE
./build.ps1 PackTool -Runtime linux-x64, win-x64, osx-arm64
#>
[CmdletBinding()]
param(
    # What to do.
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Benchmark', 'Publish', 'Pack', 'PackTool', 'Sbom', 'Vulnerable', 'Reproduce', 'Clean')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # Where Publish puts the file, Pack and PackTool their packages, and Sbom its files.
    [string] $OutputPath = (Join-Path $PSScriptRoot 'artifacts'),

    # For which runtimes PackTool's packages are there; this machine's alone is made here.
    [string[]] $Runtime,

    # Pack what the last build left.
    [switch] $NoBuild
)

$ErrorActionPreference = 'Stop'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$solution = Join-Path $PSScriptRoot 'ModelGuidelines.sln'
$commandLine = Join-Path $PSScriptRoot 'src/ModelGuidelines.Cli'
$here = [Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier

function Invoke-DotNet {
    if (-not (Get-Command dotnet -CommandType Application -ErrorAction Ignore)) {
        throw 'The .NET SDK is needed and not on the path: https://dotnet.microsoft.com/download (version 10).'
    }
    & dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $($args[0]) failed with exit code $LASTEXITCODE." }
}

foreach ($name in $Task) {
    switch ($name) {
        'Build' { Invoke-DotNet build $solution -c $Configuration }
        'Test' { Invoke-DotNet test $solution -c $Configuration }
        'Benchmark' { Invoke-DotNet run -c Release --project (Join-Path $PSScriptRoot 'tests/ModelGuidelines.Benchmarks') }
        'Publish' {
            Invoke-DotNet publish $commandLine -c Release -r $here '-p:PublishAot=true' '-p:DebugType=none' -o (Join-Path $OutputPath $here)
            Get-ChildItem -LiteralPath (Join-Path $OutputPath $here)
        }
        'PackTool' {
            $known = "-p:ToolRuntimes=$((@(if ($Runtime) { $Runtime } else { $here }) + 'any') -join '+')"
            Invoke-DotNet pack $commandLine -c Release -o $OutputPath $known '-p:PublishAot=true'
            Invoke-DotNet pack $commandLine -c Release -o $OutputPath $known '-r' any
            Invoke-DotNet pack $commandLine -c Release -o $OutputPath $known '-r' $here '-p:PublishAot=true' '-p:DebugType=none'
            & (Join-Path $PSScriptRoot 'eng/Sbom.ps1') -OutputPath $OutputPath
            Get-ChildItem -LiteralPath $OutputPath -Filter 'ModelGuidelines.Cli*'
        }
        'Pack' {
            $project = Join-Path $PSScriptRoot 'src/ModelGuidelines.PowerShell'
            $options = @(if ($NoBuild) { '--no-build' })
            Invoke-DotNet pack $project -c $Configuration -o $OutputPath '-p:AllNativeRuntimes=true' @options

            # The module folder as PSModulePath wants it: name, version, files.
            $manifest = Import-PowerShellDataFile (Join-Path $PSScriptRoot 'ModelGuidelines.psd1')
            $folder = Join-Path $OutputPath "ModelGuidelines/$($manifest.ModuleVersion)"
            if (Test-Path -LiteralPath $folder) { Remove-Item -LiteralPath $folder -Recurse }
            New-Item -ItemType Directory $folder | Out-Null
            foreach ($item in 'ModelGuidelines.psd1', 'LICENSE', 'README.md', 'Module', 'en-US') {
                Copy-Item -LiteralPath (Join-Path $PSScriptRoot $item) -Destination $folder -Recurse
            }
            Get-ChildItem $folder -Recurse -Filter *.pdb | Remove-Item
            if (-not $NoBuild) { & (Join-Path $PSScriptRoot 'eng/Sbom.ps1') -OutputPath $OutputPath }
            Get-ChildItem -LiteralPath $OutputPath
        }
        'Sbom' {
            & (Join-Path $PSScriptRoot 'eng/Sbom.ps1') -OutputPath $OutputPath
            Get-ChildItem -LiteralPath $OutputPath -Filter *.cdx.json
        }
        'Vulnerable' { & (Join-Path $PSScriptRoot 'eng/Vulnerable.ps1') }
        'Reproduce' { & (Join-Path $PSScriptRoot 'eng/Reproduce.ps1') }
        'Clean' {
            Invoke-DotNet clean $solution -c $Configuration
            foreach ($item in 'Module/bin', 'en-US', 'artifacts') {
                $path = Join-Path $PSScriptRoot $item
                if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Recurse }
            }
        }
    }
}
