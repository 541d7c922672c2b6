@{
    # Windows PowerShell 5.1 refuses the import with a sentence: it names the version asked for below.
    RootModule             = 'Module/bin/ModelGuidelines.PowerShell.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = '5d5b9d3e-6c7b-4a51-9a53-0d1d6b7e8f24'
    Author                 = 'ModelGuidelines contributors'
    CompanyName            = 'ModelGuidelines contributors'
    Copyright              = '(c) ModelGuidelines contributors. MIT license.'
    Description            = 'Audits model files (ONNX, TorchScript, torch.export, Keras, Python source) against the model guidelines of AIMET, without Python and without running model code.'
    PowerShellVersion      = '7.4'
    CompatiblePSEditions   = @('Core')
    FormatsToProcess       = @('Module/ModelGuidelines.format.ps1xml')
    CmdletsToExport        = @(
        'Compare-ModelAudit', 'ConvertTo-ModelDiagram', 'Export-ModelAudit', 'Get-ModelAudit', 'Get-ModelGraph', 'Get-ModelGuideline', 'Get-ModelReadiness', 'Get-ModelSuppression',
        'Import-ModelAudit', 'Invoke-ModelAudit', 'Merge-ModelAudit', 'Repair-ModelReuse', 'Test-ModelGuideline'
    )
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
