package terraform

import (
	"fmt"
	"runtime"
	"strings"
	"unicode"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/process"
)

// Doing is what the processes that call whichrole are doing, as far as they can be seen. Processes call themselves what they
// like: it is good for choosing among roles that the user may assume anyway, and is no security boundary.
type Doing struct {
	Operation  string // Plan or Apply, by the subcommand; Plan where no Terraform calls, or where nobody can tell
	Direct     bool   // terraform or tofu itself asks, for its state: nothing stands between but the SDK's own shell or a version manager's shim
	Tool       string // "terraform", "tofu" or "terragrunt", the nearest; "" where none was found
	Subcommand string // "apply", "state mv", "run --all apply": known words only, never an argument that could be a path or a secret
	// SelectsWorkspace is whether that is init or workspace …, which run before there is a workspace to match.
	SelectsWorkspace bool
	Plugin           bool   // a provider plugin asks
	Caller           string // who asks, for messages: the nearest program that is neither the SDK's shell nor a shim; "" where unknown
	CallerPID        int    // its process number; 0 where unknown
	Run              string // names the run of the outermost tool of the chain as long as the system runs, else of what started the plugin; "" without either
	From             string // where Operation comes from, in words
	Steps            []Step // the processes, the nearest first
}

// Step is one calling process, as explain shows it.
type Step struct {
	PID  int    `json:"pid"`
	Name string `json:"name"` // fit for a terminal
	Note string `json:"note,omitempty"`
}

// Read tells what the processes of chain are doing. The nearest terraform, tofu or terragrunt decides; what stands above it,
// or between it and whichrole, says nothing of the operation. env may add flags to init.
func Read(chain process.Chain, env paths.Env) Doing { return read(runtime.GOOS, chain, env) }

func read(goos string, chain process.Chain, env paths.Env) Doing {
	d := Doing{Operation: Plan}
	at, sdk := asker(goos, chain.Callers)
	if at < len(chain.Callers) {
		name := chain.Callers[at].Name
		d.Caller, d.CallerPID, d.Plugin = shown(name), chain.Callers[at].PID, isPlugin(goos, name)
	}
	for i, p := range chain.Callers {
		tool := toolOf(goos, p.Name)
		step := Step{PID: p.PID, Name: shown(p.Name), Note: note(goos, p)}
		if tool != "" {
			c := commandOf(tool, p.Args[min(1, len(p.Args)):], env)
			step.Note = join(tool, c.words)
			d.Run = runOf(p)
			if d.Tool == "" {
				step.Note += ": decides"
				d.decide(tool, c, p, i == at, sdk)
			}
		}
		d.Steps = append(d.Steps, step)
	}
	if d.Tool == "" {
		d.From = nobody(chain)
		if d.Plugin && at+1 < len(chain.Callers) {
			d.Run = runOf(chain.Callers[at+1])
		}
	}
	return d
}

func runOf(p process.Process) string { return fmt.Sprintf("%d-%d", p.PID, p.Started) }

// decide takes over what the nearest tool is told to do; itself is whether it is the one that asks. A command line that cannot
// be read is no reason to hand out more than the weaker role.
func (d *Doing) decide(tool string, c command, p process.Process, itself, sdk bool) {
	d.Tool = tool
	if len(p.Args) == 0 {
		d.From = fmt.Sprintf("%s (process %d), whose command line cannot be read, so the weaker one", tool, p.PID)
		return
	}
	d.Operation, d.Subcommand, d.SelectsWorkspace = c.operation, c.words, c.selects
	d.Direct = itself && sdk && tool != terragrunt
	by := "asked by " + d.Caller
	switch {
	case d.Plugin:
		by = "asked by its provider plugin"
	case d.Direct:
		by = "which asks for its state"
	case itself && sdk:
		by = "which asks itself"
	case itself:
		by = "asked by a shell that it runs"
	}
	d.From = fmt.Sprintf("%s (process %d), %s", join(tool, c.words), p.PID, by)
}

// nobody is where the operation comes from when no tool was found.
func nobody(chain process.Chain) string {
	if chain.Ended != "" {
		return chain.Ended + ", so the weaker one"
	}
	return "no terraform, tofu or terragrunt has called"
}

// note is what a process is that is none of the tools.
func note(goos string, p process.Process) string {
	switch {
	case isShim(goos, p):
		return "shim"
	case isPlugin(goos, p.Name):
		return "provider plugin"
	case isShell(goos, p.Name):
		return "shell"
	}
	return ""
}

// shown makes the name of a file, which may hold anything, fit for a terminal.
func shown(name string) string {
	return problem.Cut(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, name), 64)
}
