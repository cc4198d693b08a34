package output

import (
	"io"
	"strings"
)

// notForCmd are characters that cmd.exe reads differently on the command line, in a batch file and with delayed expansion:
// there is no one way to write them.
const notForCmd = `"%!`

// Shell writes commands that set the keys as variables of a shell, in one write. The format is one of env (POSIX sh),
// env-no-export, fish, powershell and windows-cmd. isSet tells which variables are set now, for env-no-export: assignments
// alone, as container engines and systemd read them from files, take nothing away.
func Shell(w io.Writer, format string, k Keys, isSet func(name string) bool) error {
	list, but := k.variables(), ""
	command := posix
	switch format {
	case "env-no-export":
		list, command = k.assigned(isSet), assignment
	case "fish":
		command = fish
	case "powershell":
		command = powershell
	case "windows-cmd":
		command, but = windowsCmd, notForCmd
	}
	if err := check(list, but); err != nil {
		return err
	}
	var text strings.Builder
	for _, v := range list {
		text.WriteString(command(v) + "\n")
	}
	_, err := w.Write([]byte(text.String()))
	return err
}

func posix(v variable) string {
	if v.value == "" {
		return "unset " + v.name
	}
	return "export " + v.name + "=" + posixQuoted(v.value)
}

func posixQuoted(value string) string { return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'" }

// assignment has quotes only where a shell needs them: docker run --env-file would take them for a part of the value.
func assignment(v variable) string {
	if strings.TrimFunc(v.value, isTame) == "" {
		return v.name + "=" + v.value
	}
	return v.name + "=" + posixQuoted(v.value)
}

// fish leaves a universal variable alone, which is the user's in all shells and for all times. A global one hides it; but an
// empty profile is one that SDKs look for, and one that is not exported hides nothing from programs (fish 3.6).
func fish(v variable) string {
	switch {
	case v.value != "":
		return "set -gx " + v.name + " '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v.value) + "'"
	case isProfile(v.name):
		return "set -eg " + v.name + "; set -q " + v.name + "; and echo 'whichrole: some SDKs obey the universal variable first: set -eU " + v.name + "' >&2"
	}
	return "set -eg " + v.name + "; set -q " + v.name + "; and set -gx " + v.name + " ''"
}

func powershell(v variable) string {
	if v.value == "" {
		return "$Env:" + v.name + " = $null"
	}
	return "$Env:" + v.name + " = '" + strings.ReplaceAll(v.value, "'", "''") + "'"
}

// windowsCmd has the quotes around the whole assignment, where they are no part of it and hide & | < > ^.
func windowsCmd(v variable) string { return `set "` + v.name + "=" + v.value + `"` }
