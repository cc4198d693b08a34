package paths

import (
	"maps"
	"strings"
)

// BeforeExecPrefix stands before the names of the variables that whichrole exec took from its command and whichrole itself still
// needs there: where first credentials come from. Without a value it says that there was none: what the command has under that name
// was given to it by exec.
const BeforeExecPrefix = "WHICHROLE_SOURCE_"

// BeforeExec is the environment as it was where whichrole exec was started, for what first credentials come from. Outside of
// exec it is the environment itself.
func (e Env) BeforeExec() Env {
	var before Env
	for name, value := range e {
		if original, kept := strings.CutPrefix(name, BeforeExecPrefix); kept && original != "" {
			if before == nil {
				before = maps.Clone(e)
			}
			if before[original] = value; value == "" {
				delete(before, original)
			}
		}
	}
	if before == nil {
		return e
	}
	return before
}
