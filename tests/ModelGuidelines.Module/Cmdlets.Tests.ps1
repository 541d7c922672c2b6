BeforeAll { . $PSScriptRoot/Common.ps1; Push-Location $Root }
AfterAll { Pop-Location }

Describe 'Test-ModelGuideline' {
    It 'finds reuse in Keras' { (Test-ModelGuideline $Reuse).Module | Should -Be 'relu', 'pool' }
    It 'finds reuse in ONNX' {
        $finding = Test-ModelGuideline $Onnx -Guideline PyTorch.ModuleReuse
        $finding.Module | Should -Be 'relu'
        $finding.CallCount | Should -Be 2
    }
    It 'says nothing of a clean model' { Test-ModelGuideline $Clean | Should -BeNullOrEmpty }
    It 'audits folders with -Recurse' { (Test-ModelGuideline samples -Recurse).Path | Sort-Object -Unique | Measure-Object | ForEach-Object Count | Should -BeGreaterThan 2 }
    It 'stays in the folder without -Recurse' { Test-ModelGuideline samples -WarningAction SilentlyContinue | Should -BeNullOrEmpty }
    It 'takes only the guidelines of -Guideline' { (Test-ModelGuideline samples -Recurse -Guideline Keras.ModelApi).Guideline | Sort-Object -Unique | Should -Be 'Keras.ModelApi' }
    It 'takes wildcards in -Guideline' { (Test-ModelGuideline samples -Recurse -Guideline *Reuse).Guideline | Should -Match 'Reuse$' }
    It 'leaves out what -ExcludeGuideline names' { (Test-ModelGuideline $Reuse -ExcludeGuideline Keras.*) | Should -BeNullOrEmpty }
    It 'leaves out what -ExcludeModule names' { (Test-ModelGuideline $Reuse -ExcludeModule relu).Module | Should -Be 'pool' }
    It 'refuses an unknown guideline' { { Test-ModelGuideline $Reuse -Guideline Foo.Bar } | Should -Throw -ErrorId 'MG.Guideline.NotFound,ModelGuidelines.PowerShell.TestModelGuidelineCommand' }
    It 'keeps to -MinimumSeverity Error' { (Test-ModelGuideline samples -Recurse -MinimumSeverity Error | Where-Object Outcome -eq Fail).Severity | Sort-Object -Unique | Should -Be 'Error' }
    It 'adds notes with -MinimumSeverity Information' { @(Test-ModelGuideline samples -Recurse -MinimumSeverity Information).Count | Should -BeGreaterOrEqual @(Test-ModelGuideline samples -Recurse).Count }
    It 'answers False with -Quiet for a violation' { Test-ModelGuideline $Reuse -Quiet | Should -BeFalse }
    It 'answers True with -Quiet for a clean model' { Test-ModelGuideline $Clean -Quiet | Should -BeTrue }
    It 'answers False with -Quiet and an error for <What>' -ForEach @(
        @{ What = 'a folder that is not searched'; Given = 'samples' }, @{ What = 'a file that is no model'; Given = 'LICENSE' }, @{ What = 'a file that is not there'; Given = 'nowhere.onnx' }
    ) {
        Test-ModelGuideline $Given -Quiet -ErrorVariable failure -ErrorAction SilentlyContinue -WarningAction SilentlyContinue | Should -BeFalse
        $failure.FullyQualifiedErrorId | Should -Contain 'MG.Input.NothingAudited,ModelGuidelines.PowerShell.TestModelGuidelineCommand'
    }
    It 'answers False with -Quiet for no input' { @() | Test-ModelGuideline -Quiet -ErrorAction SilentlyContinue | Should -BeFalse }
    It 'answers with -Quiet by -FailOn, not by -MinimumSeverity' {
        $warning = 'samples/pytorch/functional_relu.onnx'
        Test-ModelGuideline $warning -Quiet -MinimumSeverity Error -WarningAction SilentlyContinue | Should -BeFalse
        Test-ModelGuideline $warning -Quiet -FailOn Error -WarningAction SilentlyContinue | Should -BeTrue
        Test-ModelGuideline samples/pytorch/clean.onnx -Quiet -WarningAction SilentlyContinue | Should -BeTrue
        Test-ModelGuideline samples/pytorch/clean.onnx -Quiet -FailOn Undecidable | Should -BeFalse
    }
    It 'refuses -FailOn without -Quiet' { { Test-ModelGuideline $Clean -FailOn Error } | Should -Throw -ErrorId 'MG.Test.Options,*' }
    It 'emits file records with -PassThru, with what passes' {
        $record = Test-ModelGuideline $Clean -PassThru
        $record.GetType().FullName | Should -Be 'ModelGuidelines.AuditedFile'
        ($record.Guidelines | Where-Object Outcome -eq Pass).Guideline | Should -Be 'Keras.ModelApi', 'Keras.LayerReuse'
        ($record.Guidelines | Where-Object Outcome -eq NotApplicable).Count | Should -Be 8
        (Test-ModelGuideline $Clean -IncludePassed).Path | Should -Be $record.Path
    }
    It 'emits the undecidable as objects of their own, which are no errors' {
        $undecided = Test-ModelGuideline samples/keras/subclassed.keras -Guideline Keras.LayerReuse
        $undecided.GetType().FullName | Should -Be 'ModelGuidelines.UndecidableGuideline'
        $undecided.Severity | Should -Be 'Undecidable'
        $undecided.Reason | Should -Match 'audit the source'
    }
    It 'leaves out modules by wildcards' { Test-ModelGuideline $Reuse -ExcludeModule p*l, rel? | Should -BeNullOrEmpty }
    It 'answers once with -Quiet for many' { @(Test-ModelGuideline samples -Recurse -Quiet -WarningAction SilentlyContinue).Count | Should -Be 1 }
    It 'gives the order of the input whatever -ThrottleLimit' {
        $one = Test-ModelGuideline samples -Recurse -ThrottleLimit 1 | ForEach-Object ToString
        Test-ModelGuideline samples -Recurse -ThrottleLimit 8 | ForEach-Object ToString | Should -Be $one
    }
    It 'refuses a -ThrottleLimit of 0' { { Test-ModelGuideline $Clean -ThrottleLimit 0 } | Should -Throw }
    It 'finds what the command line finds' {
        $cli = Get-ChildItem (Join-Path $Root 'src/ModelGuidelines.Cli/bin') -Recurse -Filter ModelGuidelines.Cli.dll | Sort-Object LastWriteTime | Select-Object -Last 1
        if (-not $cli) { Set-ItResult -Skipped -Because 'the command line is not built'; return }
        $json = & dotnet $cli.FullName test samples --format json | Out-String | ConvertFrom-Json
        (Test-ModelGuideline samples -Recurse | Where-Object Outcome -eq Fail).Fingerprint | Should -Be ($json.findings | Where-Object outcome -eq Fail).fingerprint
    }
}

Describe 'Get-ModelGuideline' {
    It 'lists all' { (Get-ModelGuideline).Id | Should -Be 'PyTorch.FunctionalCall', 'PyTorch.ModuleReuse', 'PyTorch.TensorInterface', 'Keras.ModelApi', 'Keras.LayerReuse', 'Aimet.QuantizedDefinition', 'Aimet.ControlFlow', 'Aimet.SharedParameter', 'Aimet.AlreadyQuantized', 'Aimet.ModuleName' }
    It 'takes wildcards' { (Get-ModelGuideline keras.*).Count | Should -Be 2 }
    It 'takes ids from the pipeline' { ('Keras.ModelApi' | Get-ModelGuideline).Framework | Should -Be 'Keras' }
    It 'takes findings from the pipeline' { (Test-ModelGuideline $Reuse | Select-Object -First 1 | Get-ModelGuideline).Id | Should -Be 'Keras.LayerReuse' }
    It 'explains a finding in its own names, live or deserialized' {
        $found = Test-ModelGuideline $Reuse | Where-Object Module -eq relu
        $text = $found | Get-ModelGuideline -Explain
        $text | Should -Match "^# Keras.LayerReuse: layer 'relu' is called 3 times"
        $text | Should -Match 'x = relu\(x\)  # call 2, the same layer'
        $text | Should -Match 'x = keras\.layers\.ReLU\(\.\.\., name="relu_3"\)\(x\)'
        $text | Should -Match 'How AIMET fails'
        $found | ConvertTo-Json -Depth 4 | ConvertFrom-Json | Get-ModelGuideline -Explain | Should -Be $text
        'Keras.LayerReuse' | Get-ModelGuideline -Explain | Should -Match '^# Keras.LayerReuse\n'
    }
    It 'has an address for each' { (Get-ModelGuideline).HelpUri | ForEach-Object { $_ | Should -BeOfType ([uri]) } }
    It 'says when there is none' {
        Get-ModelGuideline Nope -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.Guideline.NotFound,*'
    }
}

Describe 'Get-ModelGraph' {
    It 'emits nodes' { (Get-ModelGraph $Onnx)[0].GetType().Name | Should -Be 'ModelNode' }
    It 'emits modules of a file without nodes, and nothing for its nodes' {
        (Get-ModelGraph samples/pytorch/nested_reuse.py)[0].GetType().Name | Should -Be 'ModelModule'
        Get-ModelGraph samples/pytorch/nested_reuse.py -Node | Should -BeNullOrEmpty
        Get-ModelGraph samples/pytorch/nested_reuse.py -OpType * | Should -BeNullOrEmpty
    }
    It 'emits modules with -Module' { (Get-ModelGraph $Onnx -Module)[0].GetType().Name | Should -Be 'ModelModule' }
    It 'emits both with -Module -Node' { (Get-ModelGraph $Onnx -Module -Node | ForEach-Object { $_.GetType().Name } | Sort-Object -Unique) | Should -Be 'ModelModule', 'ModelNode' }
    It 'marks reused modules' { (Get-ModelGraph $Onnx -Module | Where-Object IsReused).Name | Should -Be 'relu' }
    It 'keeps the calls' { @((Get-ModelGraph $Onnx -Module -Name relu).Calls).Count | Should -Be 2 }
    It 'filters by operator' { (Get-ModelGraph $Onnx -OpType Relu).OpType | Should -Be 'Relu', 'Relu' }
    It 'filters by operator with wildcards, in any case' { (Get-ModelGraph $Onnx -OpType re*).OpType | Sort-Object -Unique | Should -Be 'Relu' }
    It 'filters by name' { (Get-ModelGraph $Onnx -Module -Name conv*).Name | Should -Be 'conv1', 'conv2' }
    It 'filters by name directly behind -Module' { (Get-ModelGraph $Onnx -Module conv*).Name | Should -Be 'conv1', 'conv2'; (Get-ModelGraph $Onnx -Module conv1 -OpType C*).Module | Should -Be 'conv1' }
    It 'says that no model has a module of a name' {
        Get-ModelGraph $Onnx, $Reuse -Module -Name nope, relu, no* -ErrorVariable failure -ErrorAction SilentlyContinue | ForEach-Object Name | Should -Be 'relu', 'relu'
        $failure.FullyQualifiedErrorId | Should -Be 'MG.Graph.NoSuchModule,ModelGuidelines.PowerShell.GetModelGraphCommand'
        $failure.TargetObject | Should -Be 'nope'
    }
    It 'keeps to -Depth' { (Get-ModelGraph $Onnx -Module -Depth 0).Depth | Sort-Object -Unique | Should -Be 0 }
    It 'is a tree' {
        $modules = Get-ModelGraph samples/pytorch/nested_reuse.py -Module
        $root = $modules | Where-Object Depth -eq 0
        $root.Children.Name | Should -Be 'stage', 'fc'
        $root.Children[0].Children[0].Children.Name | Should -Be 'stage.inner.norm', 'stage.inner.mlp'
        $root | Format-Custom | Out-String | Should -Match '(?m)^  stage \(Outer\)\r?\n    inner \(Inner\) x2'
    }
    It 'has inputs and outputs' { @((Get-ModelGraph $Onnx -OpType Relu)[0].Outputs).Count | Should -Be 1 }
}

Describe 'ConvertTo-ModelDiagram' {
    It 'writes Mermaid' { ConvertTo-ModelDiagram $Onnx | Should -Match '^flowchart TD' }
    It 'marks reused modules in Mermaid' { ConvertTo-ModelDiagram $Onnx | Should -Match 'relu ×2.*:::reused' }
    It 'writes DOT' { ConvertTo-ModelDiagram $Onnx Dot | Should -Match '^digraph' }
    It 'writes SVG that is XML and stands alone' {
        $svg = [xml](ConvertTo-ModelDiagram $Onnx Svg)
        $svg.DocumentElement.NamespaceURI | Should -Be 'http://www.w3.org/2000/svg'
        $svg.OuterXml | Should -Not -Match 'href|<script|@import|url\((?!#)'
        $svg.SelectNodes("//*[contains(concat(' ', @class, ' '), ' reused ')]").Count | Should -Be 1
    }
    It 'draws one module' { ConvertTo-ModelDiagram $Onnx -Module relu | Should -Not -Match 'conv1' }
    It 'is opened at a finding, its fingerprint or a module, which it marks' {
        $finding = Test-ModelGuideline $Onnx -Guideline PyTorch.ModuleReuse
        foreach ($focus in $finding, $finding.Fingerprint, 'relu') { ConvertTo-ModelDiagram $Onnx -Focus $focus | Should -Match 'style n\d+ stroke:#0a58ca' }
        ConvertTo-ModelDiagram $Onnx Svg -Focus $finding | Should -Match 'class="box [^"]*focus'
        ConvertTo-ModelDiagram samples/pytorch/nested_reuse.py -Depth 0 -Focus stage.inner.mlp.1 | Should -Match 'GELU'
        ConvertTo-ModelDiagram $Onnx -Depth -1 | Should -Be (ConvertTo-ModelDiagram $Onnx)
        ConvertTo-ModelDiagram $Onnx -Focus nope -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.Graph.NoSuchModule,*'
    }
    It 'draws nodes' { ConvertTo-ModelDiagram $Onnx -Node | Should -Match 'Conv' }
    It 'writes one text per model' { @(Get-ChildItem samples/keras/*.keras | ConvertTo-ModelDiagram).Count | Should -Be 3 }
    It 'says when there is no such module' {
        ConvertTo-ModelDiagram $Onnx -Module nope -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'MG.Graph.NoSuchModule,*'
    }
}

Describe 'Suppressions' {
    BeforeAll {
        $source = Join-Path $TestDrive 'net.py'
        Set-Content $source @'
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 2)  # modelguidelines: disable=PyTorch.ModuleReuse -- called once only

    def forward(self, x):
        return F.relu(self.a(x))  # modelguidelines: disable=PyTorch.FunctionalCall -- folded away
'@
    }
    It 'are listed with their reasons and what they accept' {
        $all = Get-ModelSuppression $source
        $all.Guideline | Should -Be 'PyTorch.ModuleReuse', 'PyTorch.FunctionalCall'
        $all.Reason | Should -Be 'called once only', 'folded away'
        $all.Suppressed | Should -Be 0, 1
    }
    It 'that suppress nothing are told' {
        (Get-ModelSuppression $source -Unused).Guideline | Should -Be 'PyTorch.ModuleReuse'
        Test-ModelGuideline $source -WarningVariable told -WarningAction SilentlyContinue
        $told | Should -HaveCount 1
        "$told" | Should -BeLike '*:7: the suppression of PyTorch.ModuleReuse suppresses nothing of what was audited'
        Test-ModelGuideline $source -Guideline PyTorch.FunctionalCall -WarningVariable asked -WarningAction SilentlyContinue
        $asked | Should -BeNullOrEmpty -Because 'a guideline that was not asked says nothing'
    }
    It 'of a file that is only reached through another are told where it is audited, by its own name' {
        $one, $two = 'one', 'two' | ForEach-Object { (New-Item (Join-Path $TestDrive $_) -ItemType Directory).FullName }
        $one, $two | ForEach-Object {
            Copy-Item $source (Join-Path $_ 'net.py')
            Set-Content (Join-Path $_ 'main.py') "from torch import nn`nfrom net import Net`nclass Main(nn.Module):`n    def __init__(self):`n        super().__init__()`n        self.net = Net()`n    def forward(self, x):`n        return self.net(x)"
        }
        Test-ModelGuideline (Join-Path $one 'main.py') -WarningVariable told -WarningAction SilentlyContinue
        $told | Should -BeNullOrEmpty
        Test-ModelGuideline $one, $two -Recurse -WarningVariable told -WarningAction SilentlyContinue
        $told | ForEach-Object { "$_" -replace ':7: .*' } | Should -Be (Join-Path $one 'net.py'), (Join-Path $two 'net.py')
        (Get-ModelSuppression $one, $two -Recurse -Unused | Where-Object Guideline -eq PyTorch.ModuleReuse | Select-Object -ExpandProperty File -Unique) | Should -Be (Join-Path $one 'net.py'), (Join-Path $two 'net.py')
        Test-ModelGuideline $source -ExcludeModule act -WarningVariable told -WarningAction SilentlyContinue
        $told | Should -BeNullOrEmpty -Because 'modules are left out'
    }
    It 'of the settings file that suppress nothing are told too' {
        $folder = (New-Item (Join-Path $TestDrive 'accepted') -ItemType Directory).FullName
        Copy-Item $source (Join-Path $folder 'net.py')
        Set-Content (Join-Path $folder 'modelguidelines.yaml') @'
suppressions:
  - guideline: PyTorch.ModuleReuse
    path: net.py
    reason: was mended since
  - guideline: PyTorch.ModuleReuse
    path: other.py
    reason: of a file that is not audited here
'@
        Test-ModelGuideline (Join-Path $folder 'net.py') -WarningVariable told -WarningAction SilentlyContinue
        "$($told -like '*modelguidelines.yaml:2: the suppression of PyTorch.ModuleReuse*')" | Should -Not -BeNullOrEmpty
        $told | Should -HaveCount 2
    }
    It 'are emitted when asked for, as objects of their own' {
        Test-ModelGuideline $source | Where-Object Outcome -eq Fail | Should -BeNullOrEmpty
        $suppressed = Test-ModelGuideline $source -IncludeSuppressed | Where-Object Outcome -eq Suppressed
        $suppressed.GetType().FullName | Should -Be 'ModelGuidelines.SuppressedFinding'
        $suppressed.Reason | Should -Be 'folded away'
    }
}
