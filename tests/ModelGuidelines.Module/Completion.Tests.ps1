BeforeAll {
    . $PSScriptRoot/Common.ps1
    Push-Location $Root
    function Complete([string] $Line) { ([Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null)).CompletionMatches.CompletionText }
}
AfterAll { Pop-Location }

Describe 'Completion' {
    It 'offers all guidelines' { (Complete 'Test-ModelGuideline x -Guideline ').Count | Should -Be 10 }
    It 'offers guidelines by their beginning' { Complete 'Test-ModelGuideline x -Guideline Keras.M' | Should -Be 'Keras.ModelApi' }
    It 'offers guidelines by the part after the framework' { Complete 'Test-ModelGuideline x -ExcludeGuideline layer' | Should -Be 'Keras.LayerReuse' }
    It 'offers guidelines to Get-ModelGuideline' { Complete 'Get-ModelGuideline PyTorch.T' | Should -Be 'PyTorch.TensorInterface' }
    It 'offers severities' { Complete 'Test-ModelGuideline x -MinimumSeverity ' | Sort-Object | Should -Be 'Error', 'Information', 'Warning' }
    It 'offers formats of diagrams' { Complete 'ConvertTo-ModelDiagram x -Format ' | Sort-Object | Should -Be 'Dot', 'Mermaid', 'Svg' }
    It 'offers formats of reports' { (Complete 'Export-ModelAudit x -Format ').Count | Should -Be 7 }
    It 'offers what fails a step' { Complete 'Invoke-ModelAudit x -FailOn U' | Should -Be 'Undecidable' }
    It 'offers servers' { Complete 'Invoke-ModelAudit x -Annotate ' | Should -Contain 'GitHub' }
    It 'offers modules of the file to ConvertTo-ModelDiagram -Module' { Complete 'ConvertTo-ModelDiagram samples/pytorch/relu_twice.onnx -Module ' | Should -Contain 'relu' }
    It 'offers modules by their beginning' { Complete 'ConvertTo-ModelDiagram samples/pytorch/relu_twice.onnx -Module conv' | Should -Be 'conv1', 'conv2' }
    It 'offers modules to -ExcludeModule' { Complete 'Test-ModelGuideline samples/pytorch/relu_twice.onnx -ExcludeModule r' | Should -Be 'relu' }
    It 'offers modules to Get-ModelGraph -Name' { Complete 'Get-ModelGraph -LiteralPath samples/pytorch/relu_twice.onnx -Name r' | Should -Be 'relu' }
    It 'offers operators' { Complete 'Get-ModelGraph samples/pytorch/relu_twice.onnx -OpType R' | Should -Be 'Relu' }
    It 'offers models of a file of source as entries' { Complete 'Test-ModelGuideline samples/pytorch/nested_reuse.py -Entry ' | Should -Be "'Model()'" }
    It 'offers none, and no other files, for settings' { Set-Content (Join-Path $TestDrive 'notes.txt') ''; Complete 'Test-ModelGuideline x -Settings n' | Should -Be 'none'; Complete "Get-ModelSuppression x -Settings $TestDrive/not" | Should -BeNullOrEmpty }
    It 'offers settings files' { Set-Content (Join-Path $TestDrive 'house.yaml') 'failOn: error'; "$(Complete "Test-ModelGuideline x -Settings $TestDrive/hou")" | Should -Match 'house\.yaml' }
    It 'offers nothing, and no error, for a file that is no model' { $Error.Clear(); Complete 'ConvertTo-ModelDiagram README.md -Module conv' | Should -Not -Contain 'conv1'; $Error.Count | Should -Be 0 }
    It 'reads a file once' {
        $type = [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq 'ModelGuidelines.PowerShell' })[0].GetType('ModelGuidelines.PowerShell.Completion')
        $reads = { $type.GetProperty('Reads').GetValue($null) }
        Complete 'ConvertTo-ModelDiagram samples/pytorch/relu_twice.onnx -Module ' | Out-Null
        $before = & $reads
        1..5 | ForEach-Object { Complete 'ConvertTo-ModelDiagram samples/pytorch/relu_twice.onnx -Module ' } | Out-Null
        & $reads | Should -Be $before
    }
}
