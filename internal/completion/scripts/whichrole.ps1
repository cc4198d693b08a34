# Completion of whichrole for PowerShell. Where it has no words, PowerShell offers files.

Register-ArgumentCompleter -Native -CommandName 'whichrole', 'whichrole.exe' -ScriptBlock {
    param($word, $ast, $position)
    $words = @(foreach ($element in $ast.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $position) { break }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $element.Value } else { $element.Extent.Text }
    })
    # The one on PATH: what is typed before the words may be .\whichrole of any repository, and nobody has pressed enter.
    $program = Get-Command -CommandType Application -Name whichrole -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $program) { return }
    & $program completion next "--word=$word" '--' @words 2>$null | ForEach-Object {
        $candidate, $help = $_ -split "`t", 2
        if ($candidate.StartsWith($word, [System.StringComparison]::OrdinalIgnoreCase) -and -not $candidate.StartsWith(':')) {
            if (-not $help) { $help = $candidate }
            [System.Management.Automation.CompletionResult]::new($candidate, $candidate, 'ParameterValue', $help)
        }
    }
}
