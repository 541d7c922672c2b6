BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
    $commands = Get-Command -Module ModelGuidelines
    $parameters = $commands | ForEach-Object { $command = $_; $_.Parameters.Keys | Where-Object { $_ -notin $common -and -not $command.Parameters[$_].Attributes.Where({ $_ -is [Parameter] })[0].DontShow } | ForEach-Object { @{ Command = $command.Name; Parameter = $_ } } }
    $examples = $commands | ForEach-Object {
        $name = $_.Name; $number = 0
        [regex]::Matches((Get-Content (Join-Path $Root "docs/cmdlets/$name.md") -Raw), '(?ms)^### (?<title>[^\r\n-][^\r\n]*)\r?\n\r?\n```powershell\r?\n(?<code>.*?)\r?\n```') |
            ForEach-Object { $number++; @{ Command = $name; Number = $number; Title = $_.Groups['title'].Value; Code = $_.Groups['code'].Value } }
    }
    $topics = (Get-ChildItem (Join-Path $Root docs/cmdlets) -Filter about_*.md).BaseName
    $guidelines = Get-ModelGuideline | ForEach-Object { @{ Id = $_.Id; Page = Join-Path $Root "docs/guidelines/$($_.Id).md" } }
}
BeforeAll { . $PSScriptRoot/Common.ps1; Push-Location $Root }
AfterAll { Pop-Location }

Describe 'Help of <_.Name>' -ForEach $commands {
    BeforeAll { $command = $_; $help = Get-Help $_.Name -Full }
    It 'has a synopsis of its own' { $help.Synopsis | Should -Not -BeLike "*$($command.Name)*" }
    It 'has a description' { $help.Description.Text | Should -Not -BeNullOrEmpty }
    It 'has at least four examples' { @($help.Examples.example).Count | Should -BeGreaterOrEqual 4 }
    It 'says what goes in and comes out' { $help.inputTypes.inputType.type.name | Should -Not -BeNullOrEmpty; $help.returnValues.returnValue.type.name | Should -Not -BeNullOrEmpty }
    It 'has an address for -Online' { $command.HelpUri | Should -Match '^https://.*/docs/cmdlets/.*\.md$'; Join-Path $Root "docs/cmdlets/$($command.HelpUri.Split('/')[-1])" | Should -Exist }
    It 'describes no parameter that does not exist' { foreach ($name in $help.parameters.parameter.name) { $command.Parameters.Keys | Should -Contain $name } }
    It 'shows with -Examples' { Get-Help $command.Name -Examples | Out-String | Should -Match 'Example 1' }
}

Describe 'Parameter' {
    It '-<Parameter> of <Command> is described as it is' -ForEach $parameters {
        $help = Get-Help $Command -Parameter $Parameter
        $help.description.Text | Should -Not -BeNullOrEmpty
        $real = (Get-Command $Command).Parameters[$Parameter]
        $attribute = $real.Attributes.Where({ $_ -is [Parameter] })[0]
        [bool]::Parse($help.required) | Should -Be $attribute.Mandatory
        $help.position | Should -Be $(if ($attribute.Position -ge 0) { "$($attribute.Position)" } else { 'named' })
        $help.pipelineInput -like 'true*' | Should -Be ($attribute.ValueFromPipeline -or $attribute.ValueFromPipelineByPropertyName)
        [bool]::Parse($help.globbing) | Should -Be (@($real.Attributes.Where({ $_ -is [SupportsWildcards] })).Count -gt 0)
        $(if ($help.aliases -eq 'none') { '' } else { $help.aliases }) | Should -Be ($real.Aliases -join ', ')
    }
}

Describe 'Examples' {
    It '<Command> <Number> runs: <Title>' -ForEach $examples {
        $failure = $null
        $result = & ([scriptblock]::Create($Code)) 2>&1
        @($result | Where-Object { $_ -is [Management.Automation.ErrorRecord] }) | Should -BeNullOrEmpty
    }
}

Describe 'About topic' {
    It '<_> is found' -ForEach $topics { Get-Help $_ | Out-String | Should -Match 'SHORT DESCRIPTION' }
    It '<_> fits 80 columns' -ForEach $topics { (Get-Help $_ | Out-String -Width 200) -split '\r?\n' | ForEach-Object { $_.Length | Should -BeLessOrEqual 80 } }
    It 'shows a settings file that is one' {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'settings')
        $shown = [regex]::Match((Get-Content (Join-Path $Root docs/cmdlets/about_ModelGuidelines_Settings.md) -Raw), '(?s)```\r?\n(.*?)```').Groups[1].Value
        Set-Content (Join-Path $folder 'modelguidelines.yaml') $shown
        Get-ModelSuppression -Settings (Join-Path $folder 'modelguidelines.yaml') -Path $Clean -Exclude none | ForEach-Object Guideline | Should -Be 'PyTorch.ModuleReuse'
    }
    It 'names every cmdlet' { $text = Get-Help about_ModelGuidelines | Out-String; (Get-Command -Module ModelGuidelines).Name | ForEach-Object { $text | Should -Match $_ } }
}

Describe 'Pages of guidelines' {
    It '<Id> has a page with bad and good code and how AIMET fails' -ForEach $guidelines {
        $Page | Should -Exist
        $text = Get-Content $Page -Raw
        foreach ($heading in '## Bad', '## Good', '## How AIMET fails without it') { $text | Should -Match "(?m)^$heading" }
    }
    It 'there is no page without a guideline' { (Get-ChildItem (Join-Path $Root docs/guidelines) -Filter *.md).BaseName | Sort-Object | Should -Be ((Get-ModelGuideline).Id | Sort-Object) }
    It 'there is no help page without a cmdlet' { (Get-ChildItem (Join-Path $Root docs/cmdlets) -Filter *-*.md).BaseName | Sort-Object | Should -Be ((Get-Command -Module ModelGuidelines).Name | Sort-Object) }
}

Describe 'README' {
    It 'shows a session as it runs' { & $PSScriptRoot/Update-Readme.ps1 -PassThru | Should -BeExactly ([IO.File]::ReadAllText((Join-Path $Root 'README.md'))) }
}
