@{
    # The cmdlets, as a module inside the module: help files are looked for beside this file.
    RootModule           = 'bin/ModelGuidelines.PowerShell.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '0c1b6d0e-2f0d-4f55-9a0c-7a4f3f5b8d51'
    Author               = 'ModelGuidelines contributors'
    Description          = 'The cmdlets of ModelGuidelines; import ModelGuidelines instead.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    CmdletsToExport      = @('ConvertTo-ModelDiagram', 'Get-ModelGraph', 'Get-ModelGuideline', 'Repair-ModelReuse', 'Test-ModelGuideline')
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
}
