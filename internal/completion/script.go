package completion

import (
	_ "embed"
	"fmt"
	"io"
)

// Each script asks whichrole completion next; README "Completion" tells where they go.
var (
	//go:embed scripts/whichrole.bash
	bash string
	//go:embed scripts/_whichrole
	zsh string
	//go:embed scripts/whichrole.fish
	fish string
	//go:embed scripts/whichrole.ps1
	powershell string
)

// Script is the one for bash, zsh, fish or powershell, "" for another shell.
func Script(shell string) string {
	switch shell {
	case "bash":
		return bash
	case "zsh":
		return zsh
	case "fish":
		return fish
	case "powershell":
		return powershell
	}
	return ""
}

// Write tells the scripts what may come next, in one write: a line for each candidate, with a tab before its help; and for
// what the shell knows itself :dirs, :files, or :program N where the Nth word is a program's name.
func (n Next) Write(w io.Writer) error {
	var text []byte
	for _, c := range n.Candidates {
		text = fmt.Appendf(text, "%s\t%s\n", c.Word, c.Help)
	}
	switch {
	case n.Dirs:
		text = append(text, ":dirs\n"...)
	case n.Files:
		text = append(text, ":files\n"...)
	case n.Program > 0:
		text = fmt.Appendf(text, ":program %d\n", n.Program)
	}
	if len(text) == 0 {
		return nil
	}
	_, err := w.Write(text)
	return err
}
