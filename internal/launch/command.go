package launch

import (
	"maps"
	"slices"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// The exit codes of a command that does not start, as shells have them.
const (
	NotExecutable problem.Code = 126
	NotFound      problem.Code = 127
)

// Command is what is run in our place.
type Command struct {
	Args []string  // the program's name first, as it is typed
	Dir  string    // where it runs; "" is here
	Env  paths.Env // its whole environment
}

// environ is the environment as the system takes it.
func (c Command) environ() []string {
	env := c.Env
	if c.Dir != "" { // as a shell's cd does; pwd believes it where it is right
		env = maps.Clone(env)
		env["PWD"] = c.Dir
	}
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

func (c Command) problem(code problem.Code, format string, args ...any) *problem.Error {
	return problem.New(code, "%s: "+format, append([]any{problem.Cut(c.Args[0], 256)}, args...)...)
}
