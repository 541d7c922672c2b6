BeforeAll {
    . $PSScriptRoot/Common.ps1
    Push-Location $Root
    $bad = Join-Path $TestDrive 'bad.keras'
    Set-Content $bad 'this is no model'
    $empty = New-Item -ItemType File (Join-Path $TestDrive 'empty.keras')
}
AfterAll { Pop-Location }

Describe 'Errors' {
    It 'are not terminating, and the rest goes on' {
        $result = Test-ModelGuideline $bad, $Reuse, nowhere.onnx, $Reuse -ErrorVariable failure -ErrorAction SilentlyContinue
        $result.Count | Should -Be 4
        $failure.Count | Should -Be 2
    }
    It 'come in the order of the input' {
        $all = Test-ModelGuideline $Reuse, $bad, $Reuse 2>&1
        $all[2] | Should -BeOfType ([Management.Automation.ErrorRecord])
    }
    It 'have a stable id: <Id>' -ForEach @(@{ Id = 'MG.Input.UnknownFormat'; Name = 'bad.keras'; Category = 'InvalidType' }, @{ Id = 'MG.Input.Empty'; Name = 'empty.keras'; Category = 'InvalidData' }, @{ Id = 'MG.Input.NotFound'; Name = 'missing.keras'; Category = 'ObjectNotFound' }) {
        Test-ModelGuideline -LiteralPath (Join-Path $TestDrive $Name) -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be "$Id,ModelGuidelines.PowerShell.TestModelGuidelineCommand"
        $failure[0].CategoryInfo.Category | Should -Be $Category
    }
    It 'have the path as TargetObject' {
        Test-ModelGuideline $bad -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].TargetObject | Should -Be $bad
    }
    It 'recommend what to do' {
        Test-ModelGuideline $bad -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }
    It 'name the file and the reason' {
        Test-ModelGuideline $bad -ErrorVariable failure -ErrorAction SilentlyContinue
        "$($failure[0])" | Should -Match 'bad\.keras: .+'
    }
    It 'carry the exception of the engine' {
        Test-ModelGuideline $bad -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].Exception.Id | Should -BeLike 'MG.*'
    }
    It 'terminate with -ErrorAction Stop' { { Test-ModelGuideline $bad -ErrorAction Stop } | Should -Throw -ErrorId 'MG.*' }
    It 'terminate with $ErrorActionPreference' { & { $ErrorActionPreference = 'Stop'; { Test-ModelGuideline $bad } | Should -Throw } }
    It 'are silent with Ignore' {
        $Error.Clear()
        Test-ModelGuideline $bad -ErrorAction Ignore
        $Error.Count | Should -Be 0
    }
    It 'tell of a broken link' -Skip:$IsWindows {
        $link = Join-Path $TestDrive 'link.keras'
        New-Item -ItemType SymbolicLink -Path $link -Target (Join-Path $TestDrive 'gone.keras') -Force | Out-Null
        Test-ModelGuideline -LiteralPath $link -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.Input.BrokenLink,*'
    }
    It 'do not wait for a pipe' -Skip:$IsWindows {
        $pipe = Join-Path $TestDrive 'pipe.onnx'
        & mkfifo $pipe
        Test-ModelGuideline -LiteralPath $pipe -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.*.Empty,*'
    }
    It 'make -Quiet False' { Test-ModelGuideline $bad -Quiet -ErrorAction SilentlyContinue | Should -BeFalse }
    It 'count in -Summary' { (Test-ModelGuideline $bad, $Clean -Summary -ErrorAction SilentlyContinue).Unreadable | Should -Be 1 }
    It 'come from <_> too' -ForEach 'Get-ModelGraph', 'ConvertTo-ModelDiagram' {
        & $_ $bad -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.*'
        $failure[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }
}

Describe 'Other streams' {
    It 'say what was read and how long it took with -Verbose' {
        $said = Test-ModelGuideline $Clean -Verbose 4>&1
        "$said" | Should -Match 'Read .*clean\.keras in [\d.]+ ms: KerasArchive'
    }
    It 'say the outcome of each guideline for debugging' { $DebugPreference = 'Continue'; "$(Test-ModelGuideline $Clean 5>&1)" | Should -Match 'Keras.LayerReuse: Pass' }
    It 'are silent otherwise' { Test-ModelGuideline $Clean *>&1 | Should -BeNullOrEmpty }
    It 'warn of the undecided with -Quiet' {
        Test-ModelGuideline samples/keras/subclassed.keras -Quiet -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null
        "$warnings" | Should -Match 'cannot be decided'
    }
    It 'make warnings errors with -WarningAction Stop' { { Test-ModelGuideline samples/keras/subclassed.keras -Quiet -WarningAction Stop } | Should -Throw }
    Context 'progress' {
        BeforeAll {
            function Get-Progress([string] $Preference) {
                $shell = [powershell]::Create()
                try {
                    $shell.AddScript("`$ProgressPreference = '$Preference'; Import-Module '$Manifest'; Set-Location '$Root'; `$watch = [Diagnostics.Stopwatch]::StartNew(); 1..300 | ForEach-Object { '$Clean' } | Test-ModelGuideline; `$watch.Elapsed.TotalSeconds").Invoke()
                    [pscustomobject]@{ Records = @($shell.Streams.Progress | Where-Object Activity -eq 'Auditing models'); Errors = $shell.Streams.Error.Count }
                }
                finally { $shell.Dispose() }
            }
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $progress = Get-Progress Continue
            $seconds = $watch.Elapsed.TotalSeconds
        }
        It 'is written with a count and a file' { $progress.Records[0].StatusDescription | Should -Match '^\d+ of \d+: .*clean\.keras$' }
        It 'tells how fast it goes' { $progress.Records[0].CurrentOperation | Should -Match '^[\d.]+ files/s$' }
        It 'is written at most five times a second' { $progress.Records.Count | Should -BeLessOrEqual ([Math]::Ceiling($seconds * 5) + 2) }
        It 'ends' { $progress.Records[-1].RecordType | Should -Be 'Completed' }
        It 'is shown by no host with $ProgressPreference' {
            Invoke-NewPowerShell "`$ProgressPreference = 'SilentlyContinue'; Import-Module ./ModelGuidelines.psd1; Test-ModelGuideline samples/keras/clean.keras" | Should -BeNullOrEmpty
        }
    }
}

Describe 'Stopping' {
    It 'stops with Select-Object -First 1' {
        # Without an end of its own
        (& { while ($true) { $Reuse } } | Test-ModelGuideline | Select-Object -First 1).Module | Should -Be 'relu'
    }
    It 'stops <Line> with Select-Object -First 1, whose input has no end' -ForEach @(
        @{ Line = 'Get-ModelGraph' }, @{ Line = 'Get-ModelReadiness' }, @{ Line = 'ConvertTo-ModelDiagram' }, @{ Line = 'Get-ModelSuppression'; Of = 'suppressed.py' }
        @{ Line = 'Repair-ModelReuse -WhatIf -PassThru' }, @{ Line = 'Test-ModelGuideline -PassThru | Export-ModelAudit r.json -WhatIf -PassThru' }
        @{ Line = 'Test-ModelGuideline | Get-ModelGuideline' }, @{ Line = 'Import-ModelAudit'; Of = 'known.json' }
    ) {
        Set-Content (Join-Path $TestDrive 'suppressed.py') "from torch import nn`
class Net(nn.Module):`
    def forward(self, x):  # modelguidelines: disable=PyTorch.ModuleReuse -- for the test`
        return x"
        Test-ModelGuideline $Reuse -PassThru | Export-ModelAudit (Join-Path $TestDrive 'known.json') | Out-Null
        $input1 = $Of ? (Join-Path $TestDrive $Of) : $Line -like 'Repair*' ? $Reuse : $Onnx
        $one = [scriptblock]::Create("& { while (`$true) { '$input1' } } | $Line | Select-Object -First 1")
        @(& $one 6> $null 3> $null).Count | Should -Be 1
    }
    It 'stops when the pipeline is stopped, whenever that is' -ForEach @(1..12) {
        # Stopped in the middle of taking a result, it once asked for the same one for ever.
        $shell = [powershell]::Create()
        try {
            $shell.AddScript("Import-Module '$Manifest'; 1..200000 | ForEach-Object { '$Clean' } | Test-ModelGuideline") | Out-Null
            $shell.BeginInvoke() | Out-Null
            while ($shell.Streams.Progress.Count -eq 0) { Start-Sleep -Milliseconds 5 }
            Start-Sleep -Milliseconds (3 * $_)
            $shell.BeginStop($null, $null).AsyncWaitHandle.WaitOne(30000) | Should -BeTrue
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        }
        finally { if ($shell.InvocationStateInfo.State -eq 'Stopped') { $shell.Dispose() } }
    }
    It 'stops <Command> when the pipeline is stopped, and leaves nothing half done' -ForEach @(
        @{ Command = 'Get-ModelGraph'; Line = 'Get-ModelGraph' }, @{ Command = 'ConvertTo-ModelDiagram'; Line = 'ConvertTo-ModelDiagram' }, @{ Command = 'Get-ModelSuppression'; Line = 'Get-ModelSuppression' }
        @{ Command = 'Invoke-ModelAudit'; Line = 'Invoke-ModelAudit -Report $report -FailOn Never' }, @{ Command = 'Repair-ModelReuse'; Line = 'Repair-ModelReuse -OutputPath $folder -Force' }
        @{ Command = 'Export-ModelAudit'; Line = 'Test-ModelGuideline -PassThru | Export-ModelAudit $report' }
        @{ Command = 'Import-ModelAudit'; Line = 'ForEach-Object { $known } | Import-ModelAudit' }, @{ Command = 'Compare-ModelAudit'; Line = 'Test-ModelGuideline -PassThru | Compare-ModelAudit $known' }
        @{ Command = 'Merge-ModelAudit'; Line = 'Test-ModelGuideline -PassThru | Merge-ModelAudit' }, @{ Command = 'Get-ModelReadiness'; Line = 'Get-ModelReadiness' }
    ) {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive "stop-$Command")
        $known = Join-Path $TestDrive "known-$Command.json"
        Test-ModelGuideline $Reuse -PassThru | Export-ModelAudit $known | Out-Null
        $shell = [powershell]::Create()
        try {
            $begun = [Threading.ManualResetEventSlim]::new()
            $shell.AddScript("param(`$begun, `$folder, `$known) `$report = Join-Path `$folder 'r.json'; Import-Module '$Manifest'; 1..200000 | ForEach-Object { if (`$_ -eq 3) { `$begun.Set() }; '$Reuse' } | $Line").AddArgument($begun).AddArgument($folder).AddArgument($known) | Out-Null
            $shell.BeginInvoke() | Out-Null
            $begun.Wait(60000) | Should -BeTrue
            $shell.BeginStop($null, $null).AsyncWaitHandle.WaitOne(30000) | Should -BeTrue
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
            $left = @(Get-ChildItem $folder -Force)
            if ($Command -eq 'Repair-ModelReuse') {
                # What was repaired before the stop is there, and whole.
                $left.Name | Should -Be (Split-Path $Reuse -Leaf)
                Test-ModelGuideline $left -Guideline Keras.LayerReuse -Quiet | Should -BeTrue
            }
            else { $left | Should -BeNullOrEmpty }
        }
        finally { if ($shell.InvocationStateInfo.State -eq 'Stopped') { $shell.Dispose() } }
    }
    It 'stops <_> while it reads a large report' -ForEach 'Import-ModelAudit', 'Compare-ModelAudit -Reference', 'Merge-ModelAudit' {
        $large = Join-Path $TestDrive 'large.json'
        if (-not (Test-Path $large)) {
            $one = '{"guideline":"PyTorch.ModuleReuse","severity":"Error","outcome":"Fail","path":"m.onnx","module":"relu","message":"module is called twice","fingerprint":"'
            Set-Content $large ('{"files":[],"findings":[' + ((1..60000 | ForEach-Object { $one + $_.ToString('x16') + '"}' }) -join ',') + ']}')
        }
        $shell = [powershell]::Create()
        try {
            $begun = [Threading.ManualResetEventSlim]::new()
            $line = $_ -like 'Compare*' ? "Compare-ModelAudit -Reference '$large' -Difference '$large'" : "$_ '$large'"
            $shell.AddScript("param(`$begun) Import-Module '$Manifest'; while (`$true) { `$begun.Set(); $line }").AddArgument($begun) | Out-Null
            $shell.BeginInvoke() | Out-Null
            $begun.Wait(60000) | Should -BeTrue
            $shell.BeginStop($null, $null).AsyncWaitHandle.WaitOne(30000) | Should -BeTrue
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        }
        finally { if ($shell.InvocationStateInfo.State -eq 'Stopped') { $shell.Dispose() } }
    }
    It 'ends with Ctrl-C' -Skip:$IsWindows {
        $mark = Join-Path $TestDrive 'begun'
        $file = Join-Path $TestDrive 'long.ps1'
        Set-Content $file "Import-Module '$Manifest'; 1..2000000 | ForEach-Object { if (`$_ -eq 50) { Set-Content '$mark' 1 }; '$Clean' } | Test-ModelGuideline"
        Add-Type -Path (Join-Path $PSScriptRoot '../ModelGuidelines.Tests/HeededInterrupts.cs') -CompilerOptions '-nullable:annotations'
        $heeded = [ModelGuidelines.Tests.HeededInterrupts]::new()
        try { $child = Start-Process $Shell[0] (@($Shell | Select-Object -Skip 1) + '-NoProfile', '-NonInteractive', '-File', $file) -PassThru -RedirectStandardOutput (Join-Path $TestDrive 'out') -RedirectStandardError (Join-Path $TestDrive 'err') }
        finally { $heeded.Dispose() }
        try {
            for ($i = 0; $i -lt 600 -and -not (Test-Path $mark); $i++) { Start-Sleep -Milliseconds 100 }
            $mark | Should -Exist
            & /bin/kill -INT $child.Id
            $child.WaitForExit(30000) | Should -BeTrue
        }
        finally { if (-not $child.HasExited) { $child.Kill() } }
    }
    It 'audits again afterwards' { (Test-ModelGuideline $Reuse).Count | Should -Be 2 }
}

Describe 'Names out of files' {
    BeforeAll {
        # In a file name as in a module's: what Azure Pipelines takes for a command wherever it stands, what GitHub takes for one where a line begins, what turns text around.
        $name = "##vso[task.x]`u{202e}y"
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive 'names')).FullName
        $model = Join-Path $folder '##vso[task.y]z.json' # (PowerShell takes what stands before two colons in a path for a provider)
        $tensor = { param($layer) @{ class_name = '__keras_tensor__'; config = @{ shape = @($null, 4); dtype = 'float32'; keras_history = @($layer, 0, 0) } } }
        $layers = @(
            @{ module = 'keras.layers'; class_name = 'InputLayer'; config = @{ batch_shape = @($null, 4); dtype = 'float32'; name = 'in' }; name = 'in'; inbound_nodes = @() }
            @{ module = 'keras.layers'; class_name = 'Dense'; config = @{ name = $name; units = 4 }; name = $name; inbound_nodes = @(@{ args = @(& $tensor 'in'); kwargs = @{} }, @{ args = @(& $tensor $name); kwargs = @{} }) }
        )
        [IO.File]::WriteAllText($model, (@{ module = 'keras'; class_name = 'Functional'; config = @{ name = 'f'; layers = $layers; input_layers = @(, @('in', 0, 0)); output_layers = @(, @($name, 1, 0)) } } | ConvertTo-Json -Depth 20))
    }
    It 'start no command in what <_> shows' -ForEach @(
        'Test-ModelGuideline -LiteralPath $model'
        'Test-ModelGuideline -LiteralPath $model | Format-List'
        'Test-ModelGuideline -LiteralPath $model | Select-Object -ExpandProperty Calls'
        'Test-ModelGuideline -LiteralPath $model -Verbose 4>&1'
        'Get-ModelGraph -LiteralPath $model -Module'
        'Get-ModelGraph -LiteralPath $model -Module | Format-List'
        'Get-ModelGraph -LiteralPath $model -Module | Format-Custom'
        'Get-ModelGraph -LiteralPath $model -Node'
        'Get-ModelReadiness -LiteralPath $model'
        'Get-ModelReadiness -LiteralPath $model | Format-List'
        'Repair-ModelReuse -LiteralPath $model -OutputPath $TestDrive -Force -PassThru'
        'Repair-ModelReuse -LiteralPath $model -ShareParameters 3>&1'
        'Compare-ModelAudit @() (Test-ModelGuideline -LiteralPath $model)'
    ) {
        $shown = & ([scriptblock]::Create($_)) | Out-String -Width 300
        $shown | Should -Not -BeNullOrEmpty
        $shown | Should -Not -Match '##vso\[|(?m)^\s*::|\u202e'
    }
    It 'are as they are in the objects' { (Test-ModelGuideline -LiteralPath $model).Module | Should -BeExactly $name }
}
