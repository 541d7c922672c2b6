BeforeAll {
    . $PSScriptRoot/Common.ps1
    Push-Location $Root
    function Copy-Model([string] $Name) { $file = Join-Path $TestDrive $Name; [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($file)) | Out-Null; [IO.File]::Copy($Reuse, $file, $true); $file }
}
AfterAll { Pop-Location }

Describe 'Paths' {
    It 'takes a relative path and keeps it' { (Test-ModelGuideline ./samples/keras/shared_relu.keras)[0].Path | Should -Be './samples/keras/shared_relu.keras' }
    It 'takes an absolute path and keeps it' { (Test-ModelGuideline $Reuse)[0].Path | Should -Be $Reuse }
    It 'keeps the folder as given and the part below it' { (Test-ModelGuideline samples -Recurse).Path | ForEach-Object { $_ | Should -BeLike 'samples*' } }
    It 'expands wildcards' { (Test-ModelGuideline samples/keras/sh*.keras).Count | Should -Be 2 }
    It 'expands character classes' { (Test-ModelGuideline samples/keras/[rst]hared_relu.keras).Count | Should -Be 2 }
    It 'takes several paths' { (Test-ModelGuideline $Reuse, $Reuse).Count | Should -Be 4 }
    It 'takes a PSDrive' {
        New-PSDrive MGTest FileSystem $Samples | Out-Null
        try {
            (Test-ModelGuideline MGTest:/keras/shared_relu.keras).Count | Should -Be 2
            (Test-ModelGuideline -LiteralPath MGTest:/keras/shared_relu.keras).Count | Should -Be 2
        }
        finally { Remove-PSDrive MGTest }
    }
    It 'takes a provider path' { (Test-ModelGuideline "Microsoft.PowerShell.Core\FileSystem::$Reuse").Count | Should -Be 2 }
    It 'takes ~' {
        $name = ".mg-$([guid]::NewGuid()).keras"
        Copy-Item $Reuse (Join-Path $HOME $name)
        try { (Test-ModelGuideline "~/$name").Count | Should -Be 2 } finally { Remove-Item -Force (Join-Path $HOME $name) }
    }
    It 'takes a name with <What>' -ForEach @(
        @{ What = 'brackets'; Name = 'a[1].keras' }, @{ What = 'spaces'; Name = 'with some space.keras' }, @{ What = 'unicode'; Name = 'Modèle-模型-🙂.keras' },
        @{ What = 'a dash first'; Name = '-dash.keras' }, @{ What = 'quotes'; Name = "it's.keras" }, @{ What = 'a dollar'; Name = 'a$b.keras' }
    ) { (Test-ModelGuideline -LiteralPath (Copy-Model $Name)).Count | Should -Be 2 }
    It 'takes a path of more than 300 characters' {
        $file = Copy-Model ((('d' * 60), ('e' * 60), ('f' * 60), ('g' * 60), ('h' * 60), 'model.keras') -join '/')
        $file.Length | Should -BeGreaterThan 300
        (Test-ModelGuideline -LiteralPath $file).Count | Should -Be 2
    }
    It 'takes an escaped bracket in -Path' { (Test-ModelGuideline ([WildcardPattern]::Escape((Copy-Model 'b[2].keras')))).Count | Should -Be 2 }
    It 'takes files with brackets from Get-ChildItem' { Copy-Model 'box/c[3].keras'; (Get-ChildItem -LiteralPath (Join-Path $TestDrive box) | Test-ModelGuideline).Count | Should -Be 2 }
    It 'finds files with brackets in a folder' { Copy-Model 'box2/[x]/d[4].keras'; (Test-ModelGuideline (Join-Path $TestDrive box2) -Recurse).Count | Should -Be 2 }
    It 'takes strings from the pipeline' { ($Reuse | Test-ModelGuideline).Count | Should -Be 2 }
    It 'takes FileInfo from the pipeline' { (Get-Item $Reuse | Test-ModelGuideline).Count | Should -Be 2 }
    It 'takes FileInfo made without PowerShell' { ([IO.FileInfo]$Reuse | Test-ModelGuideline).Count | Should -Be 2 }
    It 'takes objects with FullName' { ([pscustomobject]@{ FullName = $Reuse } | Test-ModelGuideline).Count | Should -Be 2 }
    It 'takes objects with PSPath' { ([pscustomobject]@{ PSPath = (Get-Item $Reuse).PSPath } | Test-ModelGuideline).Count | Should -Be 2 }
    It 'takes objects with Path' { ([pscustomobject]@{ Path = $Reuse } | Test-ModelGuideline).Count | Should -Be 2 }
    It 'takes the path of an object literally, though it looks like a pattern for another file' {
        $one = Copy-Model 'net1.keras'; $bracket = Copy-Model 'net[1].keras'
        ([pscustomobject]@{ Path = $bracket } | Test-ModelGuideline).Path | Sort-Object -Unique | Should -Be $bracket
        ($bracket | Test-ModelGuideline).Path | Sort-Object -Unique | Should -Be $bracket
        (Get-Item -LiteralPath $bracket | Test-ModelGuideline | Test-ModelGuideline).Path | Sort-Object -Unique | Should -Be $bracket
        Remove-Item -LiteralPath $bracket
        [pscustomobject]@{ Path = $bracket } | Test-ModelGuideline -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.Input.NotFound,*'
    }
    It 'expands a pattern that is piped as text' { ('samples/keras/sh*.keras' | Test-ModelGuideline).Count | Should -Be 2 }
    It '<_> says of any object without a path that it has none' -ForEach 'Test-ModelGuideline', 'Repair-ModelReuse', 'Get-ModelGraph', 'ConvertTo-ModelDiagram', 'Get-ModelSuppression' {
        $objects = 1, $null, '', (Get-Date), @{ a = 1 }, [pscustomobject]@{ x = 1 }, $true, { }
        $objects | & $_ -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure.Count | Should -Be 8
        $failure.FullyQualifiedErrorId | ForEach-Object { $_ | Should -BeLike 'MG.Input.NoPath,*' }
    }
    It '<_> meets any object with an error of its own or of the binder' -ForEach 'Get-ModelReadiness', 'Invoke-ModelAudit -FailOn Never', 'Export-ModelAudit $report', 'Import-ModelAudit', 'Compare-ModelAudit -Reference $null', 'Merge-ModelAudit', 'Get-ModelGuideline', 'Get-ModelGuideline -Explain', 'Repair-ModelReuse -WhatIf' {
        $report = Join-Path $TestDrive 'any.json'
        $line = [scriptblock]::Create("`$input | $_")
        $finding = @{ Path = 'x'; Guideline = 'PyTorch.ModuleReuse'; Outcome = 'Fail' }
        foreach ($thing in 1, $null, '', (Get-Date), @{ a = 1 }, [pscustomobject]@{ x = 1 }, [pscustomobject]@{ Path = $null }, [pscustomobject]$finding, [pscustomobject]($finding + @{ Severity = 'Bogus'; Calls = 'x' }), [type]) {
            $failures = try { , $thing | & $line 2>&1 3>$null 6>$null | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } } catch { $_ }
            $failures.FullyQualifiedErrorId | Where-Object { $_ -and $_ -notmatch '^MG\.|^ParameterArgument|^InputObjectNotBound' } | Should -BeNullOrEmpty
        }
    }
    It 'takes Get-ChildItem -Recurse' { @(Get-ChildItem samples -Recurse -Filter *.keras | Test-ModelGuideline).Count | Should -BeGreaterThan 2 }
    It 'takes a UNC path on Windows' -Skip:(-not $IsWindows) { (Test-ModelGuideline -LiteralPath ('\\localhost\' + $Reuse.Replace(':', '$'))).Count | Should -Be 2 }
    It 'follows the location of PowerShell, not of the process' {
        Push-Location $Samples
        try { (Test-ModelGuideline keras/shared_relu.keras).Count | Should -Be 2 } finally { Pop-Location }
    }
    It 'says that <What> is no file system' -ForEach @(@{ What = 'env:'; Given = 'env:PATH' }, @{ What = 'variable:'; Given = 'variable:PID' }) {
        Test-ModelGuideline $Given -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.Input.UnsupportedProvider,*'
        $failure[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
    }
    It 'says when a drive does not exist' {
        Test-ModelGuideline nodrive:/x.onnx -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.Input.NotFound,*'
    }
    It 'says when a wildcard matches nothing' {
        Test-ModelGuideline samples/nothing*.onnx -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.Input.NotFound,*'
    }
    It 'warns of a folder without a model' {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'empty')
        Test-ModelGuideline $folder -Recurse -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings[0] | Should -Match 'There is no model'
    }
    It '<_> follows links out of a folder only when asked' -Skip:$IsWindows -ForEach 'Test-ModelGuideline', 'Get-ModelReadiness', 'Get-ModelGraph', 'Repair-ModelReuse', 'Get-ModelSuppression', 'ConvertTo-ModelDiagram', 'Invoke-ModelAudit' {
        $command = $_
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive "links-$command")
        New-Item -ItemType SymbolicLink -Path (Join-Path $folder 'out.onnx') -Target (Join-Path $Samples 'pytorch/clean.onnx') | Out-Null
        $quiet = @{ ErrorAction = 'SilentlyContinue'; WarningAction = 'SilentlyContinue' }
        $Error.Clear()
        try { & $command $folder @quiet 6>$null | Out-Null } catch { 'said below' | Out-Null }
        $Error.FullyQualifiedErrorId | Should -Contain "MG.Input.LinkOutside,ModelGuidelines.PowerShell.$($command.Replace('-', ''))Command"
        $Error.Clear()
        & $command $folder -FollowLinks @quiet 6>$null | Out-Null
        $Error | Should -BeNullOrEmpty
    }
    It 'takes the same paths in <_>' -ForEach 'Get-ModelGraph', 'ConvertTo-ModelDiagram' {
        @($Onnx | & $_).Count | Should -BeGreaterThan 0
        @(Get-Item $Onnx | & $_).Count | Should -BeGreaterThan 0
        @(& $_ -LiteralPath $Onnx).Count | Should -BeGreaterThan 0
    }
}
