/** What makes each shell ask `leat __complete` how a word may go on. */
export const completionScripts = {
  bash: `# Completion of leat for bash.
_leat() {
  local line=\${COMP_LINE:0:COMP_POINT} cur=\${COMP_WORDS[COMP_CWORD]} words word prefix candidate
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word=\${words[\${#words[@]}-1]}
  # Bash takes = and : for the ends of words.
  [[ $cur == "=" || $cur == ":" ]] && cur=""
  prefix=\${word%"$cur"}
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    COMPREPLY+=("\${candidate#"$prefix"}")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace
  return 0
}
complete -o default -F _leat leat
`,
  zsh: `#compdef leat
# Completion of leat for zsh.
_leat() {
  local -a candidates
  local line
  for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#candidates} )); then
    _describe -V leat candidates
  else
    _files
  fi
}
if [[ \${funcstack[1]} == _leat ]]; then
  _leat "$@"
else
  compdef _leat leat
fi
`,
  fish: `# Completion of leat for fish.
function __leat_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] __complete -- $words[2..-1] 2>/dev/null
end
complete -c leat -f -a '(__leat_complete)'
complete -c leat -l kubeconfig -rF
`,
  powershell: `# Completion of leat for PowerShell 7.3 and newer.
Register-ArgumentCompleter -Native -CommandName leat -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') { $words += '' }
    & $commandAst.CommandElements[0].ToString() __complete -- @words 2>$null | ForEach-Object {
        $value, $meaning = $_ -split "\`t", 2
        if (-not $meaning) { $meaning = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $meaning)
    }
}
`,
} as const;

export type Shell = keyof typeof completionScripts;
