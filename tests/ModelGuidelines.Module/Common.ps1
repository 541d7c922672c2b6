# What all files of the suite share. Dot-sourced in BeforeAll (and BeforeDiscovery).
$Root = (Resolve-Path "$PSScriptRoot/../..").ProviderPath
$Manifest = Join-Path $Root 'ModelGuidelines.psd1'
$Samples = Join-Path $Root 'samples'
$Reuse = Join-Path $Samples 'keras/shared_relu.keras'
$Clean = Join-Path $Samples 'keras/clean.keras'
$Onnx = Join-Path $Samples 'pytorch/relu_twice.onnx'
Import-Module $Manifest -ErrorAction Stop

# How this PowerShell is started: by an executable, or by dotnet where it is a tool of .NET.
$Shell = (Split-Path ([Environment]::ProcessPath) -Leaf) -like 'pwsh*' ? @([Environment]::ProcessPath) : @([Environment]::ProcessPath, (Join-Path $PSHOME 'pwsh.dll'))

# Runs a script in a PowerShell of its own, with the repository as location, and returns its standard output.
function Invoke-NewPowerShell([string] $Script, [hashtable] $Environment = @{}) {
    $old = @{}
    foreach ($name in $Environment.Keys) { $old[$name] = [Environment]::GetEnvironmentVariable($name); [Environment]::SetEnvironmentVariable($name, $Environment[$name]) }
    try {
        $file = Join-Path ([IO.Path]::GetTempPath()) "mg-$([guid]::NewGuid()).ps1"
        Set-Content -LiteralPath $file -Value "Set-Location -LiteralPath '$($Root.Replace("'", "''"))'`n$Script"
        & $Shell[0] @($Shell | Select-Object -Skip 1) -NoProfile -NonInteractive -File $file
    }
    finally {
        Remove-Item -LiteralPath $file -ErrorAction Ignore
        foreach ($name in $old.Keys) { [Environment]::SetEnvironmentVariable($name, $old[$name]) }
    }
}
