BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Stores' {
    BeforeAll {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'models')
        Copy-Item $Reuse, $Clean, $Onnx $folder
        $model = Join-Path $folder (Split-Path $Reuse -Leaf)
        Push-Location $folder
    }
    AfterAll { Pop-Location }

    It 'loads no database until a store is asked for' {
        Invoke-NewPowerShell "Import-Module ./ModelGuidelines.psd1; Test-ModelGuideline samples/keras/shared_relu.keras | Out-Null; @([AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { `$_.GetName().Name } | Where-Object { `$_ -in 'ModelGuidelines.Store', 'Microsoft.Data.Sqlite', 'Npgsql' }).Count" | Should -Be 0
    }
    It 'audits again only what has changed, and says the same' {
        $first = Test-ModelGuideline . -Store audits.db
        $second = Test-ModelGuideline . -Store audits.db
        ($second | Out-String) | Should -Be ($first | Out-String)
        Join-Path $folder audits.db | Should -Exist
        $now, $before = Get-ModelAudit -Store audits.db
        $before.Kept, $now.Kept | Should -Be 0, 3
        $now.Finished | Should -Not -BeNullOrEmpty
        $now.Errors | Should -Be @($first | Where-Object Severity -eq Error).Count
    }
    It 'compares two runs' {
        Rename-Item $model other.txt
        Test-ModelGuideline . -Store audits.db | Out-Null
        $now, $before = Get-ModelAudit -Store audits.db -Last 2
        $changes = Compare-ModelAudit @($before | Get-ModelAudit -Store audits.db) @(Get-ModelAudit $now.Id -Store audits.db) -State New, Fixed
        @($changes.State | Sort-Object -Unique) | Should -Be 'Fixed'
        @($changes.Path | Split-Path -Leaf | Sort-Object -Unique) | Should -Be (Split-Path $Reuse -Leaf)
        (Get-ModelAudit -Trend -Store audits.db | Where-Object Id -eq $before.Id | Where-Object Guideline -eq Keras.LayerReuse).Findings | Should -Be 2
        Get-ModelAudit -Trend -Store audits.db | Out-String -Width 80 | Should -Match 'Id +Started +Guideline +Severity +Findings +Files'
        Get-ModelAudit -Trend -Store audits.db | Where-Object Id -eq $now.Id | Where-Object Guideline -eq Keras.LayerReuse | Should -BeNullOrEmpty
    }
    It 'charts what a store holds, after the audit and within it' {
        function Get-History([string] $Page) {
            $packed = [Convert]::FromBase64String([regex]::Match((Get-Content $Page -Raw), 'id="data">([^<]+)<').Groups[1].Value)
            $reader = [IO.StreamReader]::new([IO.Compression.GZipStream]::new([IO.MemoryStream]::new($packed), [IO.Compression.CompressionMode]::Decompress))
            ($reader.ReadToEnd() | ConvertFrom-Json -AsHashtable).history
        }
        $runs = @(Get-ModelAudit -Store audits.db).Count
        Test-ModelGuideline . -PassThru | Export-ModelAudit after.html -Store audits.db
        @(Get-History after.html).Count | Should -Be $runs
        Invoke-ModelAudit . -Store audits.db -Report within.html -FailOn Never -Annotate None -InformationAction Ignore | Out-Null
        @(Get-History within.html).Count | Should -Be ($runs + 1)
    }
    It 'makes none in order to read it' {
        { Get-ModelAudit -Store nothing.db } | Should -Throw -ErrorId 'MG.Store.NotFound,*'
        try { Get-ModelAudit -Store nothing.db } catch { $_.ErrorDetails.RecommendedAction | Should -BeLike '*audit with it first*' }
        { Test-ModelGuideline . | Export-ModelAudit chart.html -Store nothing.db } | Should -Throw -ErrorId 'MG.Store.NotFound,*'
        'nothing.db', 'chart.html' | Should -Not -Exist
    }
    It 'says which run is missing' {
        { Get-ModelAudit 999 -Store audits.db -ErrorAction Stop } | Should -Throw -ErrorId 'MG.Store.NoRun,*'
        { Get-ModelAudit -Store none -ErrorAction Stop } | Should -Throw -ErrorId 'MG.Store.Name,*'
    }
    It 'takes the store of the settings file, and none on demand' {
        Set-Content modelguidelines.yaml 'store: kept.db'
        Invoke-ModelAudit . -FailOn Never -Annotate None -InformationAction Ignore | Out-Null
        @(Get-ModelAudit).Count | Should -Be 1
        Invoke-ModelAudit . -FailOn Never -Annotate None -Store none -InformationAction Ignore | Out-Null
        @(Get-ModelAudit).Count | Should -Be 1
        Remove-Item modelguidelines.yaml
    }
    It 'audits every file in one shard, and a merge has the whole' {
        Copy-Item $Reuse $folder
        $out = New-Item -ItemType Directory (Join-Path $TestDrive 'parts')
        $parts = 1..3 | ForEach-Object { Invoke-ModelAudit . -Shard "$_/3" -Report "$out/part$_.json" -FailOn Never -Annotate None -InformationAction Ignore -ErrorAction Ignore }
        ($parts | Measure-Object Files -Sum).Sum | Should -Be 3
        $whole = Test-ModelGuideline .
        $merged = Merge-ModelAudit (1..3 | ForEach-Object { "$out/part$_.json" }) | Where-Object { $_ -is [ModelGuidelines.Finding] }
        @($merged.Fingerprint | Sort-Object) | Should -Be @(@($whole | Where-Object { $_ -is [ModelGuidelines.Finding] }).Fingerprint | Sort-Object)
        { Test-ModelGuideline . -Shard 4/3 } | Should -Throw -ErrorId 'MG.Shard.Bad,*'
    }
}
