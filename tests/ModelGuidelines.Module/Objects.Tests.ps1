BeforeAll {
    . $PSScriptRoot/Common.ps1
    Push-Location $Root
    $findings = @(Test-ModelGuideline samples/keras -Recurse)
    $finding = $findings | Where-Object Guideline -eq Keras.LayerReuse | Where-Object Outcome -eq Fail | Select-Object -First 1
}
AfterAll { Pop-Location }

Describe 'Findings' {
    It 'have a type' { $finding.GetType().FullName | Should -Be 'ModelGuidelines.Finding' }
    It 'have the property <_>' -ForEach 'Guideline', 'Severity', 'Outcome', 'Confidence', 'Path', 'Format', 'Framework', 'Module', 'ModuleType', 'Aliases', 'Operator', 'Replacement', 'CallCount', 'Calls', 'Affected', 'Direction', 'Argument', 'ValueType', 'Node', 'OpType', 'Location', 'Message', 'Recommendation', 'HelpUri', 'Fingerprint', 'File', 'Line' {
        $finding.PSObject.Properties.Name | Should -Contain $_
    }
    It 'have text that every filter, job and format keeps' {
        foreach ($name in 'Severity', 'Outcome', 'Confidence', 'Framework') { $finding.$name | Should -BeOfType ([string]) }
    }
    It 'have numbers, not strings' { $finding.CallCount | Should -BeOfType ([int]) }
    It 'have an address, not a string' { $finding.HelpUri | Should -BeOfType ([uri]) }
    It 'compare severities in order' {
        ($findings | Where-Object Outcome -eq Fail).SeverityLevel | ForEach-Object { $_ | Should -BeGreaterOrEqual 1 }
        $finding.SeverityLevel | Should -Be 2
    }
    It 'have a fingerprint of 16 digits' { $finding.Fingerprint | Should -Match '^[0-9a-f]{16}$' }
    It 'say what they are as a string' { "$finding" | Should -BeLike "*shared_relu.keras: Error: Keras.LayerReuse: layer 'relu' is called 3 times*" }
    It 'group' { ($findings | Group-Object Guideline).Name | Should -Contain 'Keras.ModelApi' }
    It 'sort' { ($findings | Sort-Object CallCount -Descending)[0].CallCount | Should -Be 3 }
    It 'filter by a property' { @($findings | Where-Object Module -eq 'pool').Count | Should -Be 1 }
    It 'expand their calls' {
        $calls = $finding | Select-Object -ExpandProperty Calls
        @($calls).Count | Should -Be 3
        $calls[0].GetType().FullName | Should -Be 'ModelGuidelines.ModuleUse'
    }
    It 'convert to JSON at depth 3 without a warning' {
        $json = $finding | ConvertTo-Json -Depth 3 -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $back = $json | ConvertFrom-Json
        $back.Module | Should -Be 'relu'
        @($back.Calls).Count | Should -Be 3
        $back.CallCount | Should -Be 3
    }
    It 'convert to JSON with the names of the schema' {
        $schema = (Get-Content (Join-Path $Root 'docs/report.schema.json') -Raw | ConvertFrom-Json).definitions.finding.properties.PSObject.Properties.Name
        $json = $finding | ConvertTo-Json -Depth 3 | ConvertFrom-Json
        $json.Severity | Should -Be 'Error'
        $json.PSObject.Properties.Name | Where-Object { $_ -notin $schema } | Should -Be 'SeverityLevel', 'File', 'Line'
    }
    It 'export to CSV' {
        $csv = Join-Path $TestDrive 'findings.csv'
        $findings | Export-Csv $csv
        $rows = @(Import-Csv $csv)
        $rows.Count | Should -Be $findings.Count
        $rows[0].Guideline | Should -Be $findings[0].Guideline
        $rows[0].Severity | Should -Be "$($findings[0].Severity)"
        $rows[0].Message | Should -Be $findings[0].Message
    }
    It 'survive Export-Clixml' {
        $file = Join-Path $TestDrive 'findings.xml'
        $finding | Export-Clixml $file
        $back = Import-Clixml $file
        $back.Module | Should -Be 'relu'
        @($back.Calls).Count | Should -Be 3
        $back.Calls[0].PSObject.Properties.Name | Should -Contain 'Node'
    }
    It 'measure' { ($findings | Measure-Object CallCount -Sum).Sum | Should -BeGreaterThan 4 }
    It 'go into a hashtable by module' { ($findings | Group-Object Path -AsHashTable -AsString).Keys | Should -Contain (Join-Path 'samples/keras' 'shared_relu.keras') }
    It 'select columns as a grid view would show' { ($finding | Select-Object Severity, Module, Line | ConvertTo-Csv)[0] | Should -Be '"Severity","Module","Line"' }
}

Describe 'Views' {
    It 'show findings as a table by default' {
        $text = $findings | Out-String -Width 80
        $text | Should -Match 'Severity\s+Where\s+Guideline\s+Finding'
        $text | Should -Match 'Model: '
    }
    It 'fit 80 columns' {
        foreach ($line in (($findings | Out-String -Width 80) -replace '\e\[[0-9;]*m' -split '\r?\n')) { $line.Length | Should -BeLessOrEqual 80 }
    }
    It 'colour severities where that is allowed' {
        $old = $PSStyle.OutputRendering
        try {
            $PSStyle.OutputRendering = 'Ansi'
            ($finding | Out-String).Contains($PSStyle.Formatting.Error) | Should -BeTrue
            $PSStyle.OutputRendering = 'PlainText'
            ($finding | Out-String) | Should -Not -Match '\e\['
        }
        finally { $PSStyle.OutputRendering = $old }
    }
    It 'show at 80 columns severity, place, guideline and finding, at 120 confidence and recommendation too' {
        $source = Test-ModelGuideline samples/pytorch/nested_reuse.py
        $narrow = $source | Out-String -Width 80
        $narrow | Should -Match 'Error +nested_reuse\.py:23 +PyTorch\.ModuleReuse +module'
        $narrow | Should -Not -Match 'Confidence|Recommendation'
        $wide = $source | Out-String -Width 120
        $wide | Should -Match 'Confidence Recommendation'
        $wide | Should -Match 'Certain +define an identical module'
    }
    It 'show the same of deserialized objects' {
        $file = Join-Path $TestDrive 'all.xml'
        $findings | Export-Clixml $file
        Import-Clixml $file | Out-String -Width 120 | Should -Be ($findings | Out-String -Width 120)
    }
    It 'stand with the records of their files in tables, live and deserialized' {
        # Of a second type in one stream PowerShell makes lists, unless one table has rows for both.
        $file = Join-Path $TestDrive 'mixed.xml'
        $mixed = Test-ModelGuideline samples -Recurse -PassThru
        $mixed | Export-Clixml $file
        $text = $mixed | Out-String -Width 80
        $text | Should -Not -Match '(?m)^Fingerprint\s*:'
        $text | Should -Match '(?m)^Pass +samples/keras/ +KerasArchive +2 Pass, 8 NotApplicable'
        $text | Should -Match '(?m)^Error +relu +Keras\.LayerReuse'
        Import-Clixml $file | Out-String -Width 80 | Should -Be $text
    }
    It 'are shown in strict mode as ever, and without an error' {
        $script = "Import-Module ./ModelGuidelines.psd1; `$all = Test-ModelGuideline samples -Recurse -PassThru; `$Error.Clear(); MODE; @(`$all | Out-String -Width 120; Test-ModelGuideline samples -Recurse | Out-String -Width 120; `$all | Format-List | Out-String; Get-ModelReadiness samples -Recurse | Out-String -Width 120; Get-ModelGraph samples/pytorch/relu_twice.onnx -Module | Out-String; Invoke-ModelAudit samples -FailOn Never 6> `$null | Select-Object * -ExcludeProperty Seconds | Out-String) -replace '(?m)^Seconds.*'; `$Error.Count"
        $plain = Invoke-NewPowerShell ($script.Replace('MODE; ', ''))
        $plain[-1] | Should -Be 0
        Invoke-NewPowerShell ($script.Replace('MODE', 'Set-StrictMode -Version Latest')) | Should -Be $plain
    }
    It 'show a finding as a list' {
        $text = $finding | Format-List | Out-String
        $text | Should -Match 'Recommendation\s*:'
        $text | Should -Match 'Calls\s*:'
    }
    It 'leave out of the list what does not apply' { $finding | Format-List | Out-String | Should -Not -Match 'Replacement\s*:' }
    It 'show chosen properties with Format-Table' { $finding | Format-Table Module, CallCount | Out-String | Should -Match 'relu\s+3' }
    It 'show modules as a table' { Get-ModelGraph $Reuse -Module | Out-String | Should -Match 'Name\s+Calls\s+Type' }
    It 'show nodes as a table' { Get-ModelGraph $Onnx | Out-String | Should -Match 'OpType\s+Module\s+Name' }
    It 'show guidelines as a table' { Get-ModelGuideline | Out-String | Should -Match 'Id\s+Severity\s+Title' }
    It 'show calls as a table' { $finding.Calls | Out-String | Should -Match 'Caller\s+Node\s+Location' }
}

Describe 'Summary' {
    BeforeAll { $summary = Test-ModelGuideline samples/keras -Recurse -Summary }
    It 'is one object' { @($summary).Count | Should -Be 1 }
    It 'has its type' { $summary.GetType().FullName | Should -Be 'ModelGuidelines.AuditSummary' }
    It 'counts files' { $summary.Files | Should -Be @(Get-ChildItem samples/keras -File).Count }
    It 'counts errors as the findings do' { $summary.Errors | Should -Be @($findings | Where-Object { $_.Outcome -eq 'Fail' -and $_.Severity -eq 'Error' }).Count }
    It 'counts clean files' { $summary.Clean | Should -BeGreaterOrEqual 1 }
    It 'is a sentence as a string' { "$summary" | Should -Match '^\d+ files audited, ' }
    It 'shows as a list' { $summary | Out-String | Should -Match 'Undecidable\s*:' }
}
