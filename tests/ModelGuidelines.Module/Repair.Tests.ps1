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
}
