package cli

import (
	"cmp"

	"whichrole/internal/awsconfig"
	"whichrole/internal/completion"
)

type completionCmd struct {
	Bash       bashCmd       `cmd:"" help:"Print the script for bash: eval \"$(whichrole completion bash)\" in ~/.bashrc."`
	Zsh        zshCmd        `cmd:"" help:"Print the script for zsh: source <(whichrole completion zsh) in ~/.zshrc, after compinit."`
	Fish       fishCmd       `cmd:"" help:"Print the script for fish: whichrole completion fish > ~/.config/fish/completions/whichrole.fish"`
	Powershell powershellCmd `cmd:"" help:"Print the script for PowerShell: whichrole completion powershell | Out-String | Invoke-Expression in $PROFILE."`
	Next       nextCmd       `cmd:"" hidden:"" help:"Print what may come next on a command line: the scripts ask."`
}

type (
	bashCmd       struct{}
	zshCmd        struct{}
	fishCmd       struct{}
	powershellCmd struct{}
)

func (bashCmd) Run(a *app) error       { return a.script("bash") }
func (zshCmd) Run(a *app) error        { return a.script("zsh") }
func (fishCmd) Run(a *app) error       { return a.script("fish") }
func (powershellCmd) Run(a *app) error { return a.script("powershell") }

func (a *app) script(shell string) error {
	_, err := a.stdout.Write([]byte(completion.Script(shell)))
	return err
}

type nextCmd struct {
	Word  string   `help:"The word at hand, as far as it is typed."`
	Words []string `arg:"" optional:"" help:"The words before it, after the program's name."`
}

// Run lists names where it can, and is silent where it cannot: somebody is typing.
func (c *nextCmd) Run(a *app) error {
	tree, err := Tree()
	if err != nil {
		return err
	}
	return completion.After(tree, c.Words, c.Word, a.names).Write(a.stdout)
}

// names are the environments of the map that a command line names, trusted or not, or the user's profiles.
func (a *app) names(flag string, given map[string]string) []string {
	if flag != "env" {
		files, err := awsconfig.Load(a.env, a.dirs.Home)
		if err != nil {
			return nil
		}
		return files.Names()
	}
	a.options.Dir, a.options.Map = cmp.Or(given["dir"], a.options.Dir), given["map"]
	request, err := a.request()
	if err != nil {
		return nil
	}
	d, err := a.broker().Examine(request)
	if err != nil {
		return nil
	}
	return d.Map.EnvironmentNames()
}
