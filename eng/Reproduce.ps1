#Requires -Version 7.4
<#
.SYNOPSIS
Packs the last commit twice, in two folders of different lengths, and fails where a byte of what is shipped differs: the module, the tool's packages
and, in them, the command line that is compiled ahead of time for this machine.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$repository = Split-Path $PSScriptRoot
$root = Join-Path ([IO.Path]::GetTempPath()) "ModelGuidelines-$PID"
$commit = & git -C $repository rev-parse HEAD # the same for both, whatever is committed meanwhile
$before = $env:CI
$env:CI = 'true'
try {
    $built = foreach ($folder in 'one', 'two/of another length') {
        $clone = Join-Path $root $folder
        & git clone --quiet --no-hardlinks $repository $clone
        if ($LASTEXITCODE -ne 0) { throw "git clone failed with exit code $LASTEXITCODE." }
        & git -C $clone checkout --quiet --detach $commit
        $out = Join-Path $clone 'artifacts'
        & (Join-Path $clone 'build.ps1') Pack -Configuration Release -OutputPath $out | Out-Null
        & (Join-Path $clone 'build.ps1') PackTool -OutputPath $out | Out-Null

        # Entries of packages too: they say what differs, where a package does.
        foreach ($package in Get-ChildItem -LiteralPath $out -Filter *.nupkg) {
            Expand-Archive -LiteralPath $package.FullName -DestinationPath (Join-Path $out "$($package.BaseName)-entries")
        }

        $hashes = @{}
        foreach ($file in Get-ChildItem -LiteralPath $out -Recurse -File) {
            $hashes[[IO.Path]::GetRelativePath($out, $file.FullName)] = (Get-FileHash -LiteralPath $file.FullName).Hash
        }
        $hashes
    }
    $different = @(@($built[0].Keys) + @($built[1].Keys) | Sort-Object -Unique | Where-Object { $built[0][$_] -ne $built[1][$_] })
    "$($built[0].Count) files, $($different.Count) differ"
    $different
    if ($different) { throw 'Two builds of one commit differ.' }
}
finally {
    $env:CI = $before
    Remove-Item -LiteralPath $root -Recurse -Force -ErrorAction Ignore
}
