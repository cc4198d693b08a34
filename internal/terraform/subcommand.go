package terraform

import (
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"whichrole/internal/paths"
)

// unknown stands for a subcommand that is in no table: it may be a path, or a secret that somebody pasted in the wrong place.
const unknown = "(unknown)"

// command is what a command line tells the tool to do.
type command struct {
	operation string // Plan or Apply
	words     string // known words only; "" where the tool only prints its help
	selects   bool   // init or workspace …
}

// OfCommand is what a command line that is about to run will do, by the same table as for the processes that call. args[0] is
// the program, by name or path. isTool is false where that is not terraform, tofu or terragrunt.
func OfCommand(args []string, env paths.Env) (d Doing, isTool bool) {
	if len(args) == 0 {
		return Doing{}, false
	}
	tool := toolOf(runtime.GOOS, filepath.Base(args[0]))
	if tool == "" {
		return Doing{}, false
	}
	c := commandOf(tool, args[1:], env)
	return Doing{
		Operation: c.operation, Tool: tool, Subcommand: c.words, SelectsWorkspace: c.selects,
		From: "the command: " + join(tool, c.words),
	}, true
}

// commandOf reads args, which stand after the name of tool.
func commandOf(tool string, args []string, env paths.Env) command {
	if tool == terragrunt {
		return ofTerragrunt(args, env)
	}
	return ofTerraform(args, env)
}

// ofTerraform reads the command line of Terraform or OpenTofu: the subcommand is the first word that is no flag, for none of
// the flags before it has a value in the next word (-chdir DIR is refused). After -- they look for none and print their help.
func ofTerraform(args []string, env paths.Env) command {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if isWord(arg) {
			return ofWords(args[i:], env)
		}
	}
	return command{operation: Plan}
}

func isWord(arg string) bool { return arg != "" && arg[0] != '-' }

// ofWords reads a subcommand, its own subcommand, which has to follow at once, and of init the flags.
func ofWords(args []string, env paths.Env) command {
	c := known(args)
	if c.words == "init" && migrates(args[1:], env) {
		c.operation = Apply
	}
	return c
}

// known looks up the one or two words that args begin with. What is in no table writes, for all we know.
func known(args []string) command {
	word, sub := args[0], ""
	if !slices.Contains(subcommands, word) {
		return command{operation: Apply, words: unknown}
	}
	c := command{operation: Apply, words: word, selects: word == "init" || word == "workspace" || word == "env"}
	if len(args) > 1 && slices.Contains(subcommandsOf(word), args[1]) {
		sub = args[1]
		c.words += " " + sub
	}
	if reads(word, sub) {
		c.operation = Plan
	}
	return c
}

// reads tells the commands of SPEC's table that are Plan. env is workspace's name of old, and state ls OpenTofu's short form
// of state list.
func reads(word, sub string) bool {
	switch word {
	case "init", "validate", "plan", "show", "output", "console", "graph", "providers", "get", "fmt", "version", "metadata":
		return true
	case "workspace", "env":
		return sub == "list" || sub == "show" || sub == "select"
	case "state":
		return sub == "list" || sub == "ls" || sub == "show" || sub == "pull"
	}
	return false
}

// subcommands are those of Terraform up to 1.14 and OpenTofu up to 1.11.
var subcommands = []string{
	"apply", "console", "destroy", "env", "fmt", "force-unlock", "get", "graph", "import", "init", "login", "logout",
	"metadata", "modules", "output", "plan", "providers", "push", "query", "refresh", "show", "stacks", "state", "taint",
	"test", "untaint", "validate", "version", "workspace",
}

func subcommandsOf(word string) []string {
	switch word {
	case "workspace", "env":
		return []string{"list", "show", "select", "new", "delete"}
	case "state":
		return []string{"list", "ls", "show", "pull", "push", "mv", "move", "rm", "remove", "replace-provider", "identities"}
	case "providers":
		return []string{"lock", "mirror", "schema"}
	case "metadata":
		return []string{"functions"}
	}
	return nil
}

// migrates tells that init is to copy state: -migrate-state or -force-copy. Terraform puts what the variables hold before the
// flags, the variable for init first (mergeEnvArgs in its main.go), and of a flag that is given twice the last counts.
func migrates(flags []string, env paths.Env) bool {
	all := slices.Concat(shellWords(env["TF_CLI_ARGS_init"]), shellWords(env["TF_CLI_ARGS"]), flags)
	migrate, force := false, false
	for i := 0; i < len(all) && !isWord(all[i]) && all[i] != "--"; i++ { // where Go's flag package stops, too
		name, value, hasValue := cutFlag(all[i])
		on := true
		if hasValue {
			on, _ = strconv.ParseBool(value) // as Go's flag package reads it; what it refuses, Terraform does not run with
		}
		switch {
		case name == "migrate-state":
			migrate = on
		case name == "force-copy":
			force = on
		case !hasValue && (slices.Contains(initValues, name) || takesValue(name)):
			i++
		}
	}
	return migrate || force
}

// initValues are the flags of init whose value may be the next word.
var initValues = []string{
	"backend-config", "from-module", "json-into", "lock-timeout", "lockfile", "plugin-dir", "target", "test-directory", "var", "var-file",
}

// cutFlag splits -name=value and --name=value.
func cutFlag(arg string) (name, value string, hasValue bool) {
	return strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
}

// shellWords splits text as a shell does: at spaces that are neither quoted nor escaped.
func shellWords(text string) []string {
	var words []string
	var word strings.Builder
	started, quote := false, rune(0)
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			started, escaped = true, true
		case r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			started, quote = true, r
		case strings.ContainsRune(" \t\r\n", r):
			if started {
				words = append(words, word.String())
			}
			word.Reset()
			started = false
		default:
			started = true
			word.WriteRune(r)
		}
	}
	if started {
		words = append(words, word.String())
	}
	return words
}
