BeforeAll { . $PSScriptRoot/Common.ps1; Push-Location $Root }
AfterAll { Pop-Location }

Describe 'Jobs and runspaces' {
    It 'works in ForEach-Object -Parallel' {
        $counts = 1..8 | ForEach-Object -Parallel { Import-Module $using:Manifest; @(Test-ModelGuideline $using:Reuse).Count } -ThrottleLimit 4
        $counts | Should -Be (@(2) * 8)
    }
    It 'works in Start-ThreadJob' { (Start-ThreadJob { Import-Module $using:Manifest; Test-ModelGuideline $using:Reuse } | Receive-Job -Wait -AutoRemoveJob).Count | Should -Be 2 }
    It 'works in Start-Job, and objects keep their properties' {
        $found = Start-Job { Import-Module $using:Manifest; Test-ModelGuideline $using:Reuse } | Receive-Job -Wait -AutoRemoveJob
        $found[0].Module | Should -Be 'relu'
        @($found[0].Calls).Count | Should -Be 3
        $found[0].Severity.ToString() | Should -Be 'Error'
    }
    It 'works in runspaces at once' {
        $pool = [runspacefactory]::CreateRunspacePool(1, 4); $pool.Open()
        try {
            $shells = 1..6 | ForEach-Object { $shell = [powershell]::Create(); $shell.RunspacePool = $pool; $shell.AddScript("Import-Module '$Manifest'; Test-ModelGuideline '$Reuse'") | Out-Null; @{ Shell = $shell; Running = $shell.BeginInvoke() } }
            foreach ($item in $shells) { $item.Shell.EndInvoke($item.Running).Count | Should -Be 2; $item.Shell.Dispose() }
        }
        finally { $pool.Dispose() }
    }
    It 'works in constrained language mode' {
        Invoke-NewPowerShell "Import-Module ./ModelGuidelines.psd1; `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; @(Test-ModelGuideline samples/keras/shared_relu.keras | Where-Object Severity -eq 'Error').Count" | Should -Be 2
    }
    It 'shows its views in constrained language mode' {
        Invoke-NewPowerShell "Import-Module ./ModelGuidelines.psd1; `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; Test-ModelGuideline samples/keras/shared_relu.keras | Out-String" | Out-String | Should -Match 'Keras.LayerReuse'
    }
}

Describe 'Cultures' {
    It 'says the same in <_>' -ForEach 'tr-TR', 'de-DE', 'en-US' {
        $script = "[cultureinfo]::CurrentCulture = [cultureinfo]::CurrentUICulture = '$_'; Import-Module ./ModelGuidelines.psd1; Test-ModelGuideline samples/keras -Recurse -Guideline keras.LAYERREUSE | Select-Object Guideline, Severity, CallCount, Message, Fingerprint | ConvertTo-Json -Compress"
        $here = Test-ModelGuideline samples/keras -Recurse -Guideline keras.LAYERREUSE | Select-Object Guideline, Severity, CallCount, Message, Fingerprint | ConvertTo-Json -Compress
        Invoke-NewPowerShell $script @{ DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY = 'false' } | Should -Be $here
    }
    It 'works where globalization is invariant' {
        Invoke-NewPowerShell "Import-Module ./ModelGuidelines.psd1; (Test-ModelGuideline samples/keras/shared_relu.keras).Module -join ','" @{ DOTNET_SYSTEM_GLOBALIZATION_INVARIANT = '1' } | Should -Be 'relu,pool'
    }
    It 'matches ids in any case in Turkish' {
        Invoke-NewPowerShell "[cultureinfo]::CurrentCulture = 'tr-TR'; Import-Module ./ModelGuidelines.psd1; (Get-ModelGuideline pytorch.tensorINTERFACE).Id" @{ DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY = 'false' } | Should -Be 'PyTorch.TensorInterface'
    }
}
