BeforeAll {
    . $PSScriptRoot/Common.ps1
    Push-Location $Root
    $project = (New-Item -ItemType Directory (Join-Path $TestDrive 'project')).FullName
    $site = (New-Item -ItemType Directory (Join-Path $TestDrive 'site/parts')).Parent.FullName
    Set-Content (Join-Path $site 'parts/__init__.py') @'
import torch.nn as nn
import torch.nn.functional as F

class Part(nn.Module):
    def forward(self, x):
        return F.silu(x).view(-1)
'@
    Set-Content (Join-Path $project 'net.py') @'
import torch.nn as nn
import torch.nn.functional as F
from parts import Part

class Net(nn.Module):
    def __init__(self, act='relu'):
        super().__init__()
        self.act, self.part = act, Part()

    def forward(self, x, how=None):
        if how is not None:
            return F.tanh(x) * 1
        x = F.relu(x) if self.act == 'relu' else F.gelu(x)
        return self.part(x) + 1
'@
    $net = Join-Path $project 'net.py'
    function Get-Operator { @($args[0] | Where-Object Guideline -eq PyTorch.FunctionalCall).Operator | Sort-Object }
}
AfterAll { Pop-Location }

Describe '-Entry' {
    It 'audits the model that the expression builds, and says so of its findings and its file' {
        Get-Operator (Test-ModelGuideline $net -Entry "Net(act='gelu')" -SearchPath $site -MinimumSeverity Warning) | Should -Be 'gelu', 'silu'
        (Test-ModelGuideline $net -Entry 'Net()' -SearchPath $site -PassThru).Entry | Should -Be 'Net()'
    }
    It 'takes several: a place that they share is one finding' {
        $found = Test-ModelGuideline $net -Entry 'Net()', "Net('gelu')" -SearchPath $site -MinimumSeverity Warning
        Get-Operator $found | Should -Be 'gelu', 'relu', 'silu'
    }
    It 'finds a module by its dotted name on the search path' {
        Push-Location $project
        try { (Test-ModelGuideline . -Entry 'parts:Part()' -SearchPath $site | Where-Object Model -eq Part).Operator | Should -Contain 'silu' }
        finally { Pop-Location }
    }
    It 'is an error that names the place where it stopped' {
        $found = Test-ModelGuideline $net -Entry 'Net(act=missing)' -SearchPath $site -ErrorVariable failed -ErrorAction SilentlyContinue
        $found | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Match 'MG.Entry.Stopped|MG.Entry'
        "$failed" | Should -Match 'missing'
    }
}

Describe '-SearchPath' {
    It 'reports what a package does apart' {
        $found = Test-ModelGuideline $net -Entry 'Net()' -SearchPath $site -MinimumSeverity Warning
        ($found | Where-Object Operator -eq silu).External | Should -BeTrue
        ($found | Where-Object Operator -eq silu).Package | Should -Be 'parts'
        ($found | Where-Object Operator -eq relu).External | Should -BeFalse
    }
    It 'leaves what a package does out of what fails, unless asked' {
        Test-ModelGuideline (Join-Path $site 'parts/__init__.py') -Quiet -WarningAction SilentlyContinue | Should -BeFalse
        $own = Join-Path $project 'own.py'
        Set-Content $own "import torch.nn as nn`nfrom parts import Part`n`nclass Own(nn.Module):`n    def __init__(self):`n        super().__init__()`n        self.part = Part()`n`n    def forward(self, x):`n        return self.part(x)`n"
        Test-ModelGuideline $own -Guideline PyTorch.FunctionalCall -SearchPath $site -Quiet -WarningAction SilentlyContinue | Should -BeTrue
    }
    It 'says of a missing package what would tell' {
        $reasons = Test-ModelGuideline $net -Entry 'Net()' -ErrorAction SilentlyContinue -Verbose 4>&1 | Out-String
        $reasons | Should -Match 'parts'
    }
    It 'does not take a folder that is not there' { { Test-ModelGuideline $net -SearchPath (Join-Path $TestDrive 'nowhere') -ErrorAction Stop } | Should -Throw -ErrorId 'MG.Input.NotFound*' }
    It 'is PYTHONPATH only when asked for' {
        $script = "@(Test-ModelGuideline '$net' -Entry 'Net()' -MinimumSeverity Warning -ErrorAction SilentlyContinue {0} | Where-Object Operator -eq silu).Count"
        $import = "Import-Module '$Manifest'; "
        Invoke-NewPowerShell ($import + ($script -f '')) @{ PYTHONPATH = $site } | Should -Be 0
        Invoke-NewPowerShell ($import + ($script -f '-SearchPath env')) @{ PYTHONPATH = $site } | Should -Be 1
    }
}
