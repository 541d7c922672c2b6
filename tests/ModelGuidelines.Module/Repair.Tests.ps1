BeforeAll { . $PSScriptRoot/Common.ps1; Push-Location $Root }
AfterAll { Pop-Location }

Describe 'Repair-ModelReuse' {
    BeforeEach { $model = Join-Path $TestDrive 'model.onnx'; Copy-Item $Onnx $model; $result = Join-Path $TestDrive 'model.repaired.onnx' }
    AfterEach { Remove-Item (Join-Path $TestDrive '*') -Recurse }
    It 'repairs and proves' {
        $record = Repair-ModelReuse $model -PassThru
        "$($record.Status)" | Should -Be 'Repaired'
        $record.Verified | Should -Be 'Structure'
        Test-ModelGuideline $result -Guideline PyTorch.ModuleReuse | Should -BeNullOrEmpty
    }
    It 'says nothing without -PassThru' { Repair-ModelReuse $model | Should -BeNullOrEmpty; $result | Should -Exist }
    It 'writes nothing with -WhatIf' { Repair-ModelReuse $model -WhatIf; $result | Should -Not -Exist }
    It 'takes findings from the pipeline' { (Test-ModelGuideline $model -Guideline PyTorch.ModuleReuse | Repair-ModelReuse -PassThru).Changes.NewModule | Should -Be 'relu2' }
    It 'leaves other modules than those of -Module alone' { "$((Repair-ModelReuse $model -Module conv* -PassThru).Status)" | Should -Be 'Unchanged' }
    It 'replaces with -InPlace and keeps with -Backup' {
        Repair-ModelReuse $model -InPlace -Backup
        (Get-FileHash "$model.bak").Hash | Should -Be (Get-FileHash $Onnx).Hash
        (Get-FileHash $model).Hash | Should -Not -Be (Get-FileHash $Onnx).Hash
    }
    It 'writes an error for what is no model' {
        Set-Content (Join-Path $TestDrive 'no.onnx') 'no'
        Repair-ModelReuse (Join-Path $TestDrive 'no.onnx') -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.*'
    }
    It 'repairs the file of a finding and never one that its name would match' {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'brackets')
        $one = Join-Path $folder 'net1.onnx'; $bracket = Join-Path $folder 'net[1].onnx'
        [IO.File]::Copy($Onnx, $one); [IO.File]::Copy($Onnx, $bracket)
        Test-ModelGuideline -LiteralPath $bracket | Repair-ModelReuse -WarningAction SilentlyContinue
        (Get-ChildItem $folder).Name | Sort-Object | Should -Be ('net[1].onnx', 'net[1].repaired.onnx', 'net1.onnx' | Sort-Object)
    }
    It 'leaves piped findings that it cannot repair, with reasons' {
        $record = Test-ModelGuideline samples/keras/subclassed.keras | Repair-ModelReuse -PassThru -WarningVariable warnings -WarningAction SilentlyContinue
        $record.Status | Should -Be 'Refused'
        $record.Left.Guideline | Should -Be 'Keras.ModelApi', 'Keras.LayerReuse'
        $warnings.Count | Should -Be 2
    }
    It 'takes findings of a job' {
        $record = Start-Job { Import-Module $using:Manifest; Test-ModelGuideline $using:model } | Receive-Job -Wait -AutoRemoveJob | Repair-ModelReuse -PassThru -WarningAction SilentlyContinue
        $record.Changes.NewModule | Should -Be 'relu2'
    }
    It 'says that -Module names no module' {
        Repair-ModelReuse $model -Module nope -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.Graph.NoSuchModule,*'
    }
    It 'leaves modules alone by wildcards' { (Repair-ModelReuse $model -ExcludeModule rel* -PassThru).Status | Should -Be 'Unchanged' }
}
