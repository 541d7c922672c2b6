BeforeAll {
    . $PSScriptRoot/Common.ps1
    Push-Location $Root
    $folder = (New-Item -ItemType Directory (Join-Path $TestDrive 'project')).FullName
    Copy-Item samples/pytorch/functional_relu.onnx, samples/keras/shared_relu.keras (New-Item -ItemType Directory (Join-Path $folder 'models'))
    function Set-Settings([string] $Text) { Set-Content (Join-Path $folder 'modelguidelines.yaml') $Text }
    function Get-Guideline { @($args[0] | Where-Object Outcome -eq Fail).Guideline | Sort-Object -Unique }
}
AfterAll { Pop-Location }

Describe 'The settings file' {
    It 'is found in a folder above the first path, and parameters come before it' {
        Set-Settings "guidelines: [Keras.*]`nminimumSeverity: error"
        Get-Guideline (Test-ModelGuideline "$folder/models") | Should -Be 'Keras.LayerReuse'
        Get-Guideline (Test-ModelGuideline "$folder/models" -Guideline PyTorch.FunctionalCall -MinimumSeverity Warning) | Should -Be 'PyTorch.FunctionalCall'
        "$(Test-ModelGuideline "$folder/models" -Verbose 4>&1)" | Should -Match 'Settings: .*modelguidelines\.yaml'
    }
    It 'is none with -Settings none, and another one by its path' {
        Set-Settings 'guidelines: [Keras.*]'
        Get-Guideline (Test-ModelGuideline "$folder/models" -Settings none) | Should -Contain 'PyTorch.FunctionalCall'
        Set-Content (Join-Path $TestDrive 'other.yaml') 'excludeModules: [relu]'
        (Test-ModelGuideline "$folder/models/shared_relu.keras" -Settings (Join-Path $TestDrive 'other.yaml')).Module | Should -Be 'pool'
    }
    It 'is sought from the current location for what comes through a pipeline' {
        Set-Settings 'excludeModules: [relu]'
        Push-Location $folder
        try { (Get-Item models/shared_relu.keras | Test-ModelGuideline).Module | Should -Be 'pool' } finally { Pop-Location }
        (Get-Item "$folder/models/shared_relu.keras" | Test-ModelGuideline).Module | Should -Be 'relu', 'pool'
    }
    It 'says what a search passes over' {
        Set-Settings "exclude: ['*.keras']"
        Get-Guideline (Test-ModelGuideline "$folder/models") | Should -Not -Contain 'Keras.LayerReuse'
        Push-Location $folder # globs of parameters are relative to the current location
        try {
            Get-Guideline (Test-ModelGuideline models -Exclude '*.onnx') | Should -Be 'Keras.LayerReuse'
            Get-Guideline (Test-ModelGuideline models -Include '*.keras' -Exclude nothing) | Should -Be 'Keras.LayerReuse'
        }
        finally { Pop-Location }
    }
    It 'decides -Quiet by its failOn' {
        Set-Settings "failOn: error`nexclude: ['*.keras']"
        Test-ModelGuideline "$folder/models" -Quiet -WarningAction SilentlyContinue | Should -BeTrue
        Test-ModelGuideline "$folder/models" -Quiet -FailOn Warning -WarningAction SilentlyContinue | Should -BeFalse
    }
    It 'gives Invoke-ModelAudit its reports, its baseline and what fails' {
        Set-Settings "failOn: never`nreports:`n  sarif: found.sarif"
        $run = Invoke-ModelAudit "$folder/models" 6>$null
        $run.FailOn | Should -Be 'Never'
        "$($run.Reports)" | Should -Be (Join-Path $folder 'found.sarif')
        Set-Settings 'baseline: found.sarif'
        (Invoke-ModelAudit "$folder/models" 6>$null).Known | Should -BeGreaterThan 0
    }
    It 'with a mistake is one error that names file, line and key' {
        Set-Settings "minimumSeverity: error`nexlude: ['*.keras']"
        { Test-ModelGuideline "$folder/models" } | Should -Throw -ErrorId 'MG.Settings.*'
        try { Test-ModelGuideline "$folder/models" } catch { "$_" | Should -Match "modelguidelines\.yaml:2: .*'exlude'.*'exclude'"; $_.ErrorDetails.RecommendedAction | Should -Match 'settings' }
    }
    It 'lists what it accepts, how often, and what it accepts no more' {
        Set-Settings "suppressions:`n  - { guideline: Keras.LayerReuse, path: shared_relu.keras, module: relu, reason: measured }`n  - { guideline: Keras.ModelApi, path: shared_relu.keras, reason: old, expires: 2030-01-31 }"
        $all = Get-ModelSuppression "$folder/models"
        $all.Guideline | Should -Be 'Keras.LayerReuse', 'Keras.ModelApi'
        $all.Suppressed | Should -Be 1, 0
        $all[0].Module | Should -Be 'relu'
        $all[1].Expires | Should -Be '2030-01-31'
        $all.FirstLine | Should -Be 2, 3
        (Get-ModelSuppression "$folder/models" -Unused).Reason | Should -Be 'old'
        Get-ModelSuppression "$folder/models" -Settings none | Should -BeNullOrEmpty
    }
    It 'does not count for Get-ModelReadiness' {
        Set-Settings 'guidelines: [PyTorch.*]'
        (Get-ModelReadiness "$folder/models/shared_relu.keras").Verdict | Should -Be 'Refuses'
    }
}

Describe 'What git ignores' {
    It 'is passed over by a search, and audited when it is asked for' -Skip:(-not (Get-Command git -ErrorAction Ignore)) {
        $repository = (New-Item -ItemType Directory (Join-Path $TestDrive 'repository')).FullName
        & git -C $repository init -q
        Copy-Item samples/keras/shared_relu.keras $repository
        Set-Content "$repository/.gitignore" '*.keras'
        Test-ModelGuideline $repository -WarningVariable warned -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$warned" | Should -Match 'git ignores was passed over'
        (Test-ModelGuideline $repository -NoGitIgnore).Count | Should -Be 2
    }
}
