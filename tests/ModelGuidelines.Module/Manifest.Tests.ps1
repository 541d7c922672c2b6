BeforeAll { . $PSScriptRoot/Common.ps1; $data = Import-PowerShellDataFile $Manifest; $info = Test-ModuleManifest $Manifest }

Describe 'Manifest' {
    It 'passes Test-ModuleManifest without a warning' {
        Test-ModuleManifest $Manifest -WarningVariable warnings -WarningAction SilentlyContinue | Should -Not -BeNullOrEmpty
        $warnings | Should -BeNullOrEmpty
    }
    It 'is for PowerShell 7.4 and Core' {
        $info.PowerShellVersion | Should -Be ([version]'7.4')
        $info.CompatiblePSEditions | Should -Be 'Core'
    }
    It 'exports <_>' -ForEach 'Compare-ModelAudit', 'ConvertTo-ModelDiagram', 'Export-ModelAudit', 'Get-ModelGraph', 'Get-ModelGuideline', 'Get-ModelSuppression', 'Import-ModelAudit', 'Invoke-ModelAudit', 'Merge-ModelAudit', 'Repair-ModelReuse', 'Test-ModelGuideline' {
        $data.CmdletsToExport | Should -Contain $_
        (Get-Command $_).ModuleName | Should -Be 'ModelGuidelines'
    }
    It 'exports nothing by wildcard' {
        foreach ($key in 'CmdletsToExport', 'FunctionsToExport', 'AliasesToExport', 'VariablesToExport') { $data[$key] | Should -Not -Contain '*' }
    }
    It 'exports no function, alias or variable' {
        $module = Get-Module ModelGuidelines
        $module.ExportedFunctions.Count + $module.ExportedAliases.Count + $module.ExportedVariables.Count | Should -Be 0
    }
    It 'exports exactly what the manifest lists' {
        (Get-Module ModelGuidelines).ExportedCmdlets.Keys | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object)
    }
    It 'names <_>' -ForEach 'LicenseUri', 'ProjectUri', 'ReleaseNotes', 'Tags' {
        $data.PrivateData.PSData[$_] | Should -Not -BeNullOrEmpty
    }
    It 'has the version of the engine' {
        $info.Version | Should -Be ([version](Select-Xml -Path (Join-Path $Root 'Directory.Build.props') -XPath '//Version').Node.InnerText)
    }
    It 'names files that exist' {
        foreach ($file in @($data.FormatsToProcess) + @($data.RootModule)) { Join-Path $Root $file | Should -Exist }
    }
    It 'uses approved verbs' {
        (Get-Command -Module ModelGuidelines).Verb | Sort-Object -Unique | ForEach-Object { Get-Verb $_ | Should -Not -BeNullOrEmpty }
    }
    It 'uses singular nouns' {
        (Get-Command -Module ModelGuidelines).Noun | Should -Not -Match '(?<!s)s$'
    }
    It 'exports its cmdlets with a prefix' {
        Invoke-NewPowerShell "Import-Module ./ModelGuidelines.psd1 -Prefix My; (Get-Command -Module ModelGuidelines).Name.Where({ `$_ -like '*-MyModel*' }).Count; (Get-MyModelGuideline).Count" | Should -Be $data.CmdletsToExport.Count, 10
    }
    It 'is refused by a PowerShell that is too old, with a sentence' {
        # Windows PowerShell 5.1 does what any does with a manifest that asks for more than it is.
        $data.PowerShellVersion | Should -Be '7.4'
        $data.CompatiblePSEditions | Should -Be 'Core'
        $old = New-Item -ItemType Directory (Join-Path $TestDrive 'old')
        Set-Content (Join-Path $old 'ModelGuidelines.psd1') ((Get-Content $Manifest -Raw) -replace "(PowerShellVersion\s*= )'7.4'", "`$1'99.0'")
        Invoke-NewPowerShell "try { Import-Module '$old/ModelGuidelines.psd1' -ErrorAction Stop } catch { `$_.Exception.Message }" | Should -Match "requires a minimum PowerShell version of '99.0'"
    }
    It 'can be imported from a second place' {
        $copy = New-Item -ItemType Directory (Join-Path $TestDrive 'copy')
        Copy-Item $Manifest, (Join-Path $Root 'Module') $copy -Recurse
        Invoke-NewPowerShell "`$ErrorActionPreference = 'Stop'; Import-Module ./ModelGuidelines.psd1; Import-Module '$copy/ModelGuidelines.psd1'; (Test-ModelGuideline samples/keras/shared_relu.keras).Count" 2>&1 | Should -Be 2
    }
    It 'is found by its name when its folder is in PSModulePath' {
        $home1 = Join-Path $TestDrive 'modules'
        $folder = New-Item -ItemType Directory (Join-Path $home1 'ModelGuidelines')
        Copy-Item $Manifest, (Join-Path $Root 'Module') $folder -Recurse
        Invoke-NewPowerShell '(Get-ModelGuideline).Count' @{ PSModulePath = "$home1$([IO.Path]::PathSeparator)$env:PSModulePath" } | Should -Be 10
    }
}

Describe 'Build script' {
    It 'has the task <_>' -ForEach 'Build', 'Test', 'Benchmark', 'Publish', 'Pack', 'PackTool', 'Sbom', 'Vulnerable', 'Reproduce', 'Clean' {
        (Get-Command (Join-Path $Root 'build.ps1')).Parameters['Task'].Attributes.Where({ $_ -is [ValidateSet] }).ValidValues | Should -Contain $_
    }
    It 'packs a module folder and a package that Install-PSResource takes' {
        $out = Join-Path $TestDrive 'out'
        & (Join-Path $Root 'build.ps1') -Task Pack -NoBuild -OutputPath $out *> $null
        $package = Get-ChildItem $out -Filter *.nupkg
        $package.Name | Should -Be 'ModelGuidelines.0.1.0.nupkg'
        Join-Path $out 'ModelGuidelines/0.1.0/ModelGuidelines.psd1' | Should -Exist
        Test-ModuleManifest (Join-Path $out 'ModelGuidelines/0.1.0/ModelGuidelines.psd1') | Should -Not -BeNullOrEmpty
        $target = Join-Path $TestDrive 'installed'
        $script = @"
Register-PSResourceRepository -Name MGLocal -Uri '$out' -Trusted -Force
try { Save-PSResource -Name ModelGuidelines -Repository MGLocal -Path '$target' -TrustRepository }
finally { Unregister-PSResourceRepository MGLocal }
Import-Module '$target/ModelGuidelines'
(Test-ModelGuideline '$Reuse').Count
"@
        New-Item -ItemType Directory $target | Out-Null
        Invoke-NewPowerShell $script | Select-Object -Last 1 | Should -Be 2
    }
}
