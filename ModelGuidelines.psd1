@{
    NestedModules          = @('Module/ModelGuidelines.PowerShell.psd1')
    ModuleVersion          = '0.1.0'
    GUID                   = '5d5b9d3e-6c7b-4a51-9a53-0d1d6b7e8f24'
    Author                 = 'ModelGuidelines contributors'
    CompanyName            = 'ModelGuidelines contributors'
    Copyright              = '(c) ModelGuidelines contributors. MIT license.'
    Description            = 'Audits model files (ONNX, TorchScript, torch.export, Keras, Python source) against the model guidelines of AIMET, without Python and without running model code.'
    PowerShellVersion      = '7.4'
    CompatiblePSEditions   = @('Core')
    FormatsToProcess       = @('Module/ModelGuidelines.format.ps1xml')
    TypesToProcess         = @('Module/ModelGuidelines.types.ps1xml')
    CmdletsToExport        = @('ConvertTo-ModelDiagram', 'Get-ModelGraph', 'Get-ModelGuideline', 'Repair-ModelReuse', 'Test-ModelGuideline')
    FunctionsToExport      = @()
    VariablesToExport      = @()
    AliasesToExport        = @()
    PrivateData            = @{
        PSData = @{
            Tags         = @('ONNX', 'PyTorch', 'Keras', 'TorchScript', 'AIMET', 'quantization', 'model', 'audit', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://github.com/ModelGuidelines/ModelGuidelines/blob/main/LICENSE'
            ProjectUri   = 'https://github.com/ModelGuidelines/ModelGuidelines'
            ReleaseNotes = 'First version: the audit of ONNX, TorchScript, torch.export and Keras files and of Python source.'
        }
    }
}
