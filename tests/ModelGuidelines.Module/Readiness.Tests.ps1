BeforeAll { . $PSScriptRoot/Common.ps1; Push-Location $Root }
AfterAll { Pop-Location }

Describe 'Get-ModelReadiness' {
    It 'says of each tool what it does' {
        $all = Get-ModelReadiness $Onnx
        $all.Tool | Should -Be 'Validator', 'Preparer', 'QuantSim', 'Onnx'
        $onnx = $all | Where-Object Tool -eq Onnx
        $onnx.Verdict | Should -Be 'Refuses'
        $onnx.IsReady | Should -BeFalse
        $onnx.Reasons[0].Guideline | Should -Be 'Aimet.SharedParameter'
        $onnx.Reasons[0].Recommendation | Should -Not -BeNullOrEmpty
    }
    It 'says what a file does not tell, and never takes that for ready' {
        $open = Get-ModelReadiness samples/pytorch/clean.onnx -Tool QuantSim
        $open.Verdict | Should -Be 'Undecidable'
        "$($open.Open)" | Should -Match 'Aimet.QuantizedDefinition'
    }
    It 'knows that dictionaries stop validator and simulation, and that the preparer takes them' {
        (Get-ModelReadiness samples/pytorch/returns_dict.pt -Tool Validator, QuantSim).Verdict | Should -Be 'Refuses', 'Refuses'
        (Get-ModelReadiness samples/pytorch/returns_dict.pt -Tool Preparer).Reasons | Should -BeNullOrEmpty
    }
    It 'names reasons in the order in which a tool fails' {
        $source = Join-Path $TestDrive 'order.py'
        Set-Content $source @'
from torch import nn
from torch.nn import functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.ReLU()

    def forward(self, x):
        return {'out': F.gelu(self.act(self.act(x)))}
'@
        (Get-ModelReadiness $source -Tool Validator).Reasons.Guideline | Should -Be 'PyTorch.ModuleReuse', 'PyTorch.TensorInterface', 'PyTorch.FunctionalCall'
    }
    It 'knows classes with definitions of the user''s own' {
        $source = Join-Path $TestDrive 'own.py'
        Set-Content $source @'
from torch import nn

class Scale(nn.Module):
    def forward(self, x):
        return x * 2

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = Scale()

    def forward(self, x):
        return self.scale(x)
'@
        (Get-ModelReadiness $source -Tool QuantSim).Verdict | Should -Be 'Refuses'
        (Get-ModelReadiness $source -Tool QuantSim -AimetDefinition own.Scale).Verdict | Should -Be 'Takes'
        @(Test-ModelGuideline $source -Guideline Aimet.QuantizedDefinition).Count | Should -Be 1
        Test-ModelGuideline $source -Guideline Aimet.QuantizedDefinition -AimetDefinition other.Thing, own.Scale | Should -BeNullOrEmpty
    }
    It 'asks of Keras what Keras is asked' { (Get-ModelReadiness samples/keras/clean.keras, $Reuse).Verdict | Should -Be 'Takes', 'Refuses' }
    It 'agrees with the command line' {
        $cli = Get-ChildItem (Join-Path $Root 'src/ModelGuidelines.Cli/bin') -Recurse -Filter ModelGuidelines.Cli.dll | Sort-Object LastWriteTime | Select-Object -Last 1
        if (-not $cli) { Set-ItResult -Skipped -Because 'the command line is not built'; return }
        $json = & dotnet $cli.FullName aimet samples --format json | Out-String | ConvertFrom-Json
        Get-ModelReadiness samples -Recurse | ForEach-Object { "$($_.Path) $($_.Tool) $($_.Verdict)" } | Should -Be ($json | ForEach-Object { $path = $_.path; $_.tools | ForEach-Object { "$path $($_.tool) $($_.verdict)" } })
    }
    It 'fits 80 columns' { (Get-ModelReadiness $Onnx | Out-String -Width 80) -split '\r?\n' | ForEach-Object { $_.Length | Should -BeLessOrEqual 80 } }
    It 'shows the same of deserialized objects' {
        $path = Join-Path $TestDrive 'r.xml'
        Get-ModelReadiness $Onnx | Export-Clixml $path
        Import-Clixml $path | Out-String -Width 80 | Should -Be (Get-ModelReadiness $Onnx | Out-String -Width 80)
    }
}
