BeforeAll {
    . $PSScriptRoot/Common.ps1
    Push-Location $Root
    $audit = Test-ModelGuideline samples -Recurse -PassThru
    function Get-Text([string] $Path) { (Get-Content -LiteralPath $Path -Raw) -replace '"seconds": [\d.E-]+', '' }
}
AfterAll { Pop-Location }

Describe 'Export and import' {
    It 'writes several formats in one call: <_>' -ForEach 'a.sarif', 'a.json', 'a.csv', 'a.md', 'a.html', 'a.xml', 'nunit.xml' {
        $path = Join-Path $TestDrive $_
        ($audit | Export-ModelAudit $path, (Join-Path $TestDrive "second-$_")).Count | Should -Be 2
        (Get-Item $path).Length | Should -BeGreaterThan 500
        if ($_ -like '*.xml') { ([xml](Get-Content $path -Raw)).DocumentElement.LocalName | Should -Be ($_ -eq 'a.xml' ? 'testsuites' : 'test-run') }
        if ($_ -in 'a.sarif', 'a.json') { Get-Content $path -Raw | ConvertFrom-Json | Should -Not -BeNullOrEmpty }
    }
    It 'draws models in HTML, as long as they are what was audited' {
        function Get-Pictures([string] $Path) {
            $packed = [Convert]::FromBase64String([regex]::Match((Get-Content $Path -Raw), 'id="data">([^<]+)<').Groups[1].Value)
            $reader = [IO.StreamReader]::new([IO.Compression.GZipStream]::new([IO.MemoryStream]::new($packed), [IO.Compression.CompressionMode]::Decompress))
            @(($reader.ReadToEnd() | ConvertFrom-Json -AsHashtable).pictures.Keys)
        }
        $model = Join-Path $TestDrive 'drawn.onnx'
        Copy-Item $Onnx $model
        $found = Test-ModelGuideline $model
        $found | Export-ModelAudit (Join-Path $TestDrive 'drawn.html')
        Get-Pictures (Join-Path $TestDrive 'drawn.html') | Should -Be $model
        Copy-Item samples/pytorch/functional_relu.onnx $model
        $found | Export-ModelAudit (Join-Path $TestDrive 'changed.html')
        Get-Pictures (Join-Path $TestDrive 'changed.html') | Should -BeNullOrEmpty
        Invoke-ModelAudit $Onnx -FailOn Never -Report (Join-Path $TestDrive 'run.html') 6>$null | Out-Null
        Get-Pictures (Join-Path $TestDrive 'run.html') | Should -HaveCount 1
    }
    It 'shows in HTML what a repair would change' {
        $source = Join-Path $TestDrive 'net.py'
        Set-Content $source @'
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.fc(self.act(x)))
'@
        $page = Join-Path $TestDrive 'repair.html'
        Invoke-ModelAudit $source -FailOn Never -Report $page 6>$null | Out-Null
        $packed = [Convert]::FromBase64String([regex]::Match((Get-Content $page -Raw), 'id="data">([^<]+)<').Groups[1].Value)
        $data = [IO.StreamReader]::new([IO.Compression.GZipStream]::new([IO.MemoryStream]::new($packed), [IO.Compression.CompressionMode]::Decompress)).ReadToEnd() | ConvertFrom-Json -AsHashtable
        ($data.findings | Where-Object guideline -eq PyTorch.ModuleReuse).repair | Should -Match '(?m)^\+ +self\.act2 = nn\.ReLU\(\)'
    }
    It 'reads JSON back into the same objects' {
        $path = Join-Path $TestDrive 'round.json'
        $audit | Export-ModelAudit $path
        $back = Import-ModelAudit $path -PassThru
        $back | ForEach-Object ToString | Should -Be ($audit | ForEach-Object ToString)
        $back | Export-ModelAudit (Join-Path $TestDrive 'again.json')
        Get-Text (Join-Path $TestDrive 'again.json') | Should -Be (Get-Text $path)
    }
    It 'writes byte for byte what it has read, and how the audit was run' {
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive 'bytes')).FullName
        Copy-Item samples/pytorch, samples/keras $folder -Recurse
        Set-Content "$folder/modelguidelines.yaml" "failOn: never`nminimumSeverity: information`nsearchPath: [keras]"
        Invoke-ModelAudit "$folder/keras" -Report "$folder/known.json" 6>$null | Out-Null
        Invoke-ModelAudit $folder -Baseline "$folder/known.json" -Report "$folder/first.json" 6>$null | Out-Null
        $first = Get-Content "$folder/first.json" -Raw
        $first | Should -Match '"settings": '
        $first | Should -Match '"baselineState": "unchanged"'
        Import-ModelAudit "$folder/first.json" -PassThru | Export-ModelAudit "$folder/second.json"
        Get-Content "$folder/second.json" -Raw | Should -BeExactly $first
        $new = Import-ModelAudit "$folder/first.json" | Where-Object BaselineState -eq new
        $new.Format | Should -Not -Contain 'KerasArchive'
        $new | Should -Not -BeNullOrEmpty
    }
    It 'reads SARIF back' {
        $path = Join-Path $TestDrive 'round.sarif'
        $audit | Export-ModelAudit $path
        $back = @(Import-ModelAudit $path | Where-Object Outcome -eq Fail)
        $back.Fingerprint | Should -Be ($audit | Where-Object Guideline | Where-Object Outcome -eq Fail).Fingerprint
        $back.Message | Should -Be ($audit | Where-Object Guideline | Where-Object Outcome -eq Fail).Message
    }
    It 'says what is no report and what is no audit' {
        Set-Content (Join-Path $TestDrive 'no.json') '{ "a": 1 }'; Set-Content (Join-Path $TestDrive 'bad.json') 'no'
        Import-ModelAudit (Join-Path $TestDrive 'no.json'), (Join-Path $TestDrive 'bad.json'), nowhere.json -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | ForEach-Object { ($_ -split ',')[0] } | Should -Be 'MG.Report.Unknown', 'MG.Report.Damaged', 'MG.Input.NotFound'
        1, 'x' | Export-ModelAudit (Join-Path $TestDrive 'x.json') -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | ForEach-Object { $_ | Should -BeLike 'MG.Report.NotAnAudit,*' }
    }
    It 'refuses a path that tells no format' { { $audit | Export-ModelAudit x.zip } | Should -Throw -ErrorId 'MG.Report.Options,*' }
}

Describe 'Round trips' {
    BeforeAll { $live = Join-Path $TestDrive 'live.json'; $audit | Export-ModelAudit $live }
    It 'through <What> loses nothing' -ForEach @(
        @{ What = 'Start-Job'; Trip = { Start-Job { Import-Module $using:Manifest; Set-Location $using:Root; Test-ModelGuideline samples -Recurse -PassThru } | Receive-Job -Wait -AutoRemoveJob } }
        @{ What = 'Start-ThreadJob'; Trip = { Start-ThreadJob { Import-Module $using:Manifest; Set-Location $using:Root; Test-ModelGuideline samples -Recurse -PassThru } | Receive-Job -Wait -AutoRemoveJob } }
        @{ What = 'ForEach-Object -Parallel'; Trip = { 1 | ForEach-Object -Parallel { Import-Module $using:Manifest; Set-Location $using:Root; Test-ModelGuideline samples -Recurse -PassThru } } }
        @{ What = 'Export-Clixml'; Trip = { $audit | Export-Clixml (Join-Path $TestDrive 'a.xml'); Import-Clixml (Join-Path $TestDrive 'a.xml') } }
        @{ What = 'ConvertTo-Json'; Trip = { $audit | ConvertTo-Json -Depth 4 | ConvertFrom-Json } }
    ) {
        $back = & $Trip
        ($back | Where-Object Severity -eq Error | Measure-Object).Count | Should -Be ($audit | Where-Object Severity -eq Error).Count
        @($back | Where-Object Confidence -eq Likely).Count | Should -Be @($audit | Where-Object Confidence -eq Likely).Count
        $back | Export-ModelAudit (Join-Path $TestDrive 'back.json')
        Get-Text (Join-Path $TestDrive 'back.json') | Should -Be (Get-Text $live)
    }
    It 'through Export-Csv keeps one flat line of text' {
        $path = Join-Path $TestDrive 'flat.csv'
        $audit | Where-Object Guideline | Where-Object Outcome -eq Fail | Export-Csv $path
        Get-Content $path -Raw | Should -Not -Match 'System\.|ModelGuidelines\.\w'
        $rows = Import-Csv $path
        ($rows | Where-Object Severity -eq Error).Count | Should -Be ($audit | Where-Object Severity -eq Error).Count
        ($rows | Where-Object Module -eq mix).Calls | Should -Match 'node_linear_1 \(.*:16\); node_linear_2'
    }
    It 'through a session over SSH keeps what people filter on' {
        $sshd = '/usr/sbin/sshd'
        if (-not (Test-Path $sshd) -or -not (Get-Command ssh -ErrorAction Ignore) -or (id -u) -ne 0) { Set-ItResult -Skipped -Because 'there is no sshd that may be started'; return }
        $key = Join-Path $TestDrive 'key'; $hostKey = Join-Path $TestDrive 'host'; $config = Join-Path $TestDrive 'config'; $log = Join-Path $TestDrive 'sshd.log'; $known = Join-Path $TestDrive 'known'
        & ssh-keygen -q -t ed25519 -N '' -f $key; & ssh-keygen -q -t ed25519 -N '' -f $hostKey
        New-Item -ItemType Directory /run/sshd -Force | Out-Null
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0); $listener.Start(); $port = $listener.LocalEndpoint.Port; $listener.Stop()
        Set-Content $config "Port $port`nListenAddress 127.0.0.1`nHostKey $hostKey`nAuthorizedKeysFile $key.pub`nStrictModes no`nUsePAM no`nPidFile none`nPermitRootLogin yes`nSubsystem powershell $($Shell -join ' ') -NoProfile -NoLogo -sshs"
        Set-Content $known "[127.0.0.1]:$port $(Get-Content "$hostKey.pub")"
        $server = Start-Process $sshd '-D', '-e', '-f', $config -PassThru -RedirectStandardError $log
        $session = $null
        try {
            for ($i = 0; $i -lt 100 -and -not ("$(Get-Content $log -Raw)" -match 'listening'); $i++) { Start-Sleep -Milliseconds 100 }
            $session = New-PSSession -HostName 127.0.0.1 -Port $port -UserName (id -un) -KeyFilePath $key -Options @{ UserKnownHostsFile = $known } -ErrorAction Stop
            $back = Invoke-Command -Session $session { param($manifest, $root) Import-Module $manifest; Set-Location $root; Test-ModelGuideline samples -Recurse -PassThru } -ArgumentList $Manifest, $Root
            ($back | Where-Object Severity -eq Error).Count | Should -Be ($audit | Where-Object Severity -eq Error).Count
            $back | Export-ModelAudit (Join-Path $TestDrive 'ssh.json')
            Get-Text (Join-Path $TestDrive 'ssh.json') | Should -Be (Get-Text $live)
        }
        finally {
            if ($session) { Remove-PSSession $session }
            $server | Stop-Process
        }
    }
    It 'in constrained language mode filters and exports' {
        Invoke-NewPowerShell "Import-Module ./ModelGuidelines.psd1; `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; Test-ModelGuideline samples -Recurse -PassThru | Export-ModelAudit '$TestDrive/clm.json' | Out-Null; @(Import-ModelAudit '$TestDrive/clm.json' | Where-Object Severity -eq Error).Count" | Should -Be @($audit | Where-Object Severity -eq Error).Count
    }
}

Describe 'Compare and merge' {
    It 'tells new, fixed and unchanged' {
        $before = Test-ModelGuideline samples/keras -Recurse
        $after = @(Test-ModelGuideline samples/pytorch -Recurse) + @($before | Where-Object Path -like *siamese*)
        $states = Compare-ModelAudit $before $after | Group-Object State -AsHashTable
        @($states.Unchanged).Path | Should -BeLike '*siamese.h5'
        @($states.Fixed).Count | Should -Be (@($before | Where-Object Outcome -eq Fail).Count - 1)
        @($states.New).Finding.Path | ForEach-Object { $_ | Should -BeLike '*pytorch*' }
    }
    It 'knows a finding in a file that was moved' {
        $moved = Join-Path $TestDrive 'moved.keras'; Copy-Item $Reuse $moved
        (Compare-ModelAudit (Test-ModelGuideline $Reuse) (Test-ModelGuideline $moved)).State | Sort-Object -Unique | Should -Be 'Unchanged'
    }
    It 'compares reports' {
        $path = Join-Path $TestDrive 'c.sarif'; $audit | Export-ModelAudit $path
        ($audit | Compare-ModelAudit $path).State | Sort-Object -Unique | Should -Be 'Unchanged'
    }
    It 'merges what agents audited into what one would have' {
        foreach ($part in 'keras', 'pytorch') { Test-ModelGuideline samples/$part -Recurse -PassThru | Export-ModelAudit (Join-Path $TestDrive "agent-$part.json") }
        Merge-ModelAudit (Join-Path $TestDrive 'agent-*.json') | Export-ModelAudit (Join-Path $TestDrive 'merged.json')
        $audit | Export-ModelAudit (Join-Path $TestDrive 'one.json')
        Get-Text (Join-Path $TestDrive 'merged.json') | Should -Be (Get-Text (Join-Path $TestDrive 'one.json'))
    }
}

Describe 'Invoke-ModelAudit' {
    It 'fails the step with exit code 1 under <_>' -ForEach '-Command', '-File' {
        $line = "Import-Module '$Manifest'; Invoke-ModelAudit '$Reuse' -Annotate None; 'went on'"
        $file = Join-Path $TestDrive 'step.ps1'; Set-Content $file $line
        $said = & $Shell[0] @($Shell | Select-Object -Skip 1) -NoProfile -NonInteractive $_ ($_ -eq '-File' ? $file : $line) 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 1
        $said | Should -Match 'The audit failed: 1 of 1 files fail'
        $said | Should -Match "\[FAIL\] Keras.LayerReuse: layer 'relu' is called 3 times"
        $said | Should -Not -Match '(?m)^went on'
    }
    It 'passes and emits its run' {
        $run = Invoke-ModelAudit $Clean 6>$null
        $run.Succeeded | Should -BeTrue
        $run.Clean | Should -Be 1
    }
    It 'fails for nothing' { { Invoke-ModelAudit (New-Item -ItemType Directory (Join-Path $TestDrive 'nothing')) -WarningAction SilentlyContinue 6>$null } | Should -Throw '*no model was audited*' }
    It 'passes where nothing that is a model has changed' {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'unchanged')
        Copy-Item $Clean $folder
        & { git -C $folder init -q; git -C $folder add .; git -C $folder -c user.name=a -c user.email=a@b commit -qm 1 } 2>$null
        Push-Location $folder
        try { (Invoke-ModelAudit . -ChangedSince HEAD 6>$null).Succeeded | Should -BeTrue } finally { Pop-Location }
    }
    It 'fails only on what the baseline does not know' {
        $base = Join-Path $TestDrive 'base.json'
        $run = Invoke-ModelAudit samples/keras -Baseline $base -UpdateBaseline -FailOn Never 6>$null
        (Invoke-ModelAudit samples/keras -Baseline $base 6>$null).Known | Should -Be $run.Findings.Count
        { Invoke-ModelAudit samples -Baseline $base 6>$null } | Should -Throw -ErrorId 'MG.Audit.Failed*'
    }
    It 'writes reports' {
        $run = Invoke-ModelAudit samples -FailOn Never -Report (Join-Path $TestDrive 'i.sarif'), (Join-Path $TestDrive 'i.xml') 6>$null
        $run.Reports | ForEach-Object { $_ | Should -Exist }
    }
    It 'marks findings for <Server>, and no name starts a command' -ForEach @(@{ Server = 'Azure'; Start = '##vso[task.logissue type=error;' }, @{ Server = 'GitHub'; Start = '::error file=' }) {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive "x-$Server") -Force
        [IO.File]::Copy($Reuse, (Join-Path $folder '##vso[task.complete result=Succeeded]::set-env.keras'))
        $said = Invoke-ModelAudit -LiteralPath $folder -FailOn Never -Annotate $Server 6>&1 | Where-Object { $_ -is [Management.Automation.InformationRecord] } | ForEach-Object { "$_" }
        @($said | Where-Object { $_.StartsWith($Start) }).Count | Should -Be 2
        # The summary of the step is a command of ours, about a file of ours.
        $said | Where-Object { -not $_.StartsWith($Start) -and -not $_.StartsWith('##vso[task.uploadsummary]') } | ForEach-Object { $_ | Should -Not -Match '##vso|::' }
        $said | Where-Object { $_.StartsWith('##vso[task.uploadsummary]') } | ForEach-Object { $_ | Should -Not -Match 'set-env' }
        $said | Where-Object { $_.StartsWith($Start) } | ForEach-Object { $_.Substring(5) | Should -Not -Match '##vso' }
    }
}
