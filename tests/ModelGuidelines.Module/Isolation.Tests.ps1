BeforeAll { . $PSScriptRoot/Common.ps1 }

Describe 'Isolation' {
    It 'keeps the engine out of the default load context' {
        Get-ModelGuideline | Out-Null
        $engine = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'ModelGuidelines' }
        @($engine).Count | Should -Be 1
        [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($engine).Name | Should -Be 'ModelGuidelines'
    }
    It 'does not load the engine at import' {
        # What PowerShell does beside an import, on threads of its own, can touch it once in many starts; the import itself would in each.
        $loaded = 1..3 | ForEach-Object {
            Invoke-NewPowerShell "Import-Module ./ModelGuidelines.psd1; @([AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { `$_.GetName().Name } | Where-Object { `$_ -in 'ModelGuidelines', 'Google.Protobuf' }) -join '+'" | Select-Object -Last 1
        }
        Write-Host "    loaded after import: $(($loaded | ForEach-Object { $_ ? $_ : 'nothing' }) -join ', ')"
        @($loaded) | Should -Contain ''
    }
    It 'has no dependency beside the cmdlets' {
        (Get-ChildItem (Join-Path $Root 'Module/bin') -Filter *.dll).Name | Should -Be 'ModelGuidelines.PowerShell.dll'
    }
    It 'ships no assembly of PowerShell' {
        Join-Path $Root 'Module/bin/deps/System.Management.Automation.dll' | Should -Not -Exist
    }
    Context 'with another Google.Protobuf loaded first' {
        BeforeAll {
            $other = Join-Path $TestDrive 'Google.Protobuf.dll'
            # Add-Type gives an assembly a random name; the compiler behind it gives the one that is asked for.
            $make = @"
Add-Type -TypeDefinition 'public class LoadsTheCompiler { }'
`$tree = [Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText('[assembly: System.Reflection.AssemblyVersion("1.2.3.4")] namespace Google.Protobuf { public class Other { public static int Number = 42; } }')
`$core = [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile([object].Assembly.Location)
`$options = [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new('DynamicallyLinkedLibrary')
`$compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create('Google.Protobuf', [Microsoft.CodeAnalysis.SyntaxTree[]]@(`$tree), [Microsoft.CodeAnalysis.MetadataReference[]]@(`$core), `$options)
`$stream = [IO.File]::Create('$other')
`$compilation.Emit(`$stream).Success
`$stream.Dispose()
"@
            Invoke-NewPowerShell $make | Should -Be 'True'
            $script = @"
Add-Type -LiteralPath '$other'
Import-Module ./ModelGuidelines.psd1
`$findings = Test-ModelGuideline '$Onnx' -MinimumSeverity Information
`$count = @(`$findings | Where-Object Guideline -eq PyTorch.ModuleReuse).Count
`$versions = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.GetName().Name -eq 'Google.Protobuf' } | ForEach-Object { `$_.GetName().Version.ToString() }
"`$count|`$([Google.Protobuf.Other]::Number)|`$((`$versions | Sort-Object) -join ',')"
"@
            $count, $number, $versions = (Invoke-NewPowerShell $script | Select-Object -Last 1) -split '\|'
        }
        It 'audits as ever' { $count | Should -Be 1 }
        It 'leaves the other as it is' { $number | Should -Be 42 }
        It 'uses its own' { ($versions -split ',').Count | Should -Be 2 }
    }
    It 'can be removed and imported again' {
        Invoke-NewPowerShell "Import-Module ./ModelGuidelines.psd1; `$a = Get-ModelGuideline; Remove-Module ModelGuidelines; Import-Module ./ModelGuidelines.psd1; `$b = Get-ModelGuideline; `$a[0].GetType() -eq `$b[0].GetType()" | Should -Be 'True'
    }
    It 'leaves no command behind when removed' {
        Invoke-NewPowerShell "Import-Module ./ModelGuidelines.psd1; Remove-Module ModelGuidelines; @(Get-Command *-ModelGu* -ErrorAction Ignore | Where-Object Source -like ModelGu*).Count" | Should -Be 0
    }
}
