package terraform

import (
	"slices"
	"strings"

	"whichrole/internal/paths"
)

// ofTerragrunt reads the command line of Terragrunt, as it is since 0.73 and as it was before: commands of its own, wrappers
// around a command of Terraform (run, run-all, stack run, graph, plan-all), and Terraform's, with flags of its own anywhere
// among them. A -- only parts its flags from Terraform's; it has no meaning here.
func ofTerragrunt(args []string, env paths.Env) command {
	if i := slices.Index(args, "--"); i >= 0 {
		args = slices.Concat(args[:i], args[i+1:])
	}
	return ofWrapped("", args, env)
}

// ofWrapped reads what follows wrapper: the words that have been read already.
func ofWrapped(wrapper string, args []string, env paths.Env) command {
	many, rest, doubtful := afterFlags(args)
	wrapper = join(wrapper, many)
	switch {
	case doubtful:
		return weakest(wrapper, rest)
	case len(rest) == 0:
		return command{operation: Plan, words: wrapper}
	}
	word := rest[0]
	isOuter := wrapper == "" || strings.HasPrefix(wrapper, "--")
	switch {
	case isOuter && (word == "run" || word == "run-all"):
		return ofWrapped(join(word, many), rest[1:], env)
	case isOuter && word == "stack":
		return ofStack(many, rest[1:], env)
	case isOuter && word == "graph":
		return ofGraph(rest, env)
	}
	c := own(rest)
	if c.words == unknown {
		c = ofWords(rest, env)
	}
	c.words = join(wrapper, c.words)
	return c
}

// ofStack reads what follows stack: run runs a command of Terraform; the others write files and read outputs.
func ofStack(many string, args []string, env paths.Env) command {
	more, rest, doubtful := afterFlags(args)
	many = join(many, more)
	switch {
	case doubtful:
		return weakest("stack", rest)
	case len(rest) == 0:
		return command{operation: Plan, words: "stack"}
	case rest[0] == "run":
		return ofWrapped(join("stack run", many), rest[1:], env)
	case slices.Contains([]string{"generate", "output", "clean"}, rest[0]):
		return command{operation: Plan, words: "stack " + rest[0]}
	}
	return command{operation: Apply, words: join("stack", unknown)}
}

// ofGraph reads graph, which ran a command of Terraform along the dependencies from 0.54 until run --graph took its place, and
// is Terraform's graph where none follows, or a value of its flags might (graph -type apply).
func ofGraph(args []string, env paths.Env) command {
	_, rest, doubtful := afterFlags(args[1:])
	if doubtful || len(rest) == 0 || known(rest).words == unknown {
		return ofWords(args[:1], env)
	}
	return ofWrapped("graph", rest, env)
}

// own looks up the commands that Terragrunt has beside Terraform's. SPEC's table names none of them: those that read
// configurations or write local files are Plan, as fmt and get are; exec runs whatever it is told to and backend writes.
func own(args []string) command {
	word := args[0]
	if wrapped, ok := strings.CutSuffix(word, "-all"); ok && slices.Contains(ofAll, wrapped) { // until 0.7x
		return command{operation: known([]string{wrapped}).operation, words: word}
	}
	switch word {
	case "aws-provider-patch", "browse", "catalog", "dag", "find", "graph-dependencies", "hclfmt", "hclvalidate", "help", "info",
		"list", "output-module-groups", "render", "render-json", "scaffold", "terragrunt-info", "validate-inputs":
		return command{operation: Plan, words: word}
	case "hcl":
		return command{operation: Plan, words: withSub(args, "fmt", "format", "validate", "lint")}
	case "backend":
		return command{operation: Apply, words: withSub(args, "bootstrap", "migrate", "delete")}
	case "exec", "spin-up", "tear-down":
		return command{operation: Apply, words: word}
	}
	return command{operation: Apply, words: unknown}
}

var ofAll = []string{"plan", "apply", "destroy", "output", "validate"}

// withSub is the first word of args, and with it the first after its flags where that is one of subs.
func withSub(args []string, subs ...string) string {
	if _, rest, _ := afterFlags(args[1:]); len(rest) > 0 && slices.Contains(subs, rest[0]) {
		return args[0] + " " + rest[0]
	}
	return args[0]
}

// afterFlags is what follows the flags that args begin with; many is --all or --graph where that is among them. It is doubtful
// where one is in no table and a word follows, which may be its value or the command.
func afterFlags(args []string) (many string, rest []string, doubtful bool) {
	for i := 0; i < len(args); i++ {
		if isWord(args[i]) {
			return many, args[i:], false
		}
		name, _, hasValue := cutFlag(args[i])
		name = strings.TrimPrefix(name, "terragrunt-")
		switch {
		case !hasValue && takesValue(name):
			i++
		case !hasValue && (name == "all" || name == "a" || name == "graph"):
			many = "--all"
			if name == "graph" {
				many = "--graph"
			}
		case !hasValue && !slices.Contains(switches, name):
			if i+1 < len(args) && isWord(args[i+1]) {
				return many, args[i+1:], true
			}
		}
	}
	return many, nil, false
}

// weakest reads words of which the first may be a flag's value: any of them may be the command then, so one that reads is
// enough for Plan. Where a single command is among them, it is the one.
func weakest(wrapper string, words []string) command {
	found := command{operation: Plan, words: wrapper}
	for i := range words {
		c := own(words[i:])
		if c.words == unknown {
			c = known(words[i:])
		}
		if c.words == unknown {
			continue
		}
		if found.words == wrapper || c.operation == Plan {
			found = command{operation: c.operation, words: join(wrapper, c.words), selects: c.selects}
		}
		if c.operation == Plan {
			break
		}
	}
	return found
}

func join(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// takesValue tells the flags of Terragrunt whose value may be the next word, by their names of today and, without the prefix
// terragrunt-, of old (docs: reference/cli, migrate/cli-redesign).
func takesValue(name string) bool {
	return slices.Contains(valueFlags, strings.TrimPrefix(name, "terragrunt-"))
}

var valueFlags = []string{
	"auth-provider-cmd", "cli-config-file", "config", "download-dir", "engine-cache-path", "engine-log-level", "exclude-dir",
	"excludes-file", "experiment", "feature", "file", "filter", "filters-file", "format", "graph-root", "hclfmt-exclude-dir",
	"hclfmt-file", "iam-assume-role", "iam-assume-role-duration", "iam-assume-role-session-name",
	"iam-assume-role-web-identity-token", "iam-role", "iam-web-identity-token", "include-dir", "json-out", "json-out-dir",
	"log-custom-format", "log-format", "log-level", "modules-that-include", "out", "out-dir", "override-attr", "parallelism",
	"provider-cache-dir", "provider-cache-hostname", "provider-cache-port", "provider-cache-registry-names",
	"provider-cache-token", "queue-construct-as", "queue-exclude-dir", "queue-excludes-file", "queue-include-dir",
	"queue-include-units-reading", "report-file", "report-format", "report-schema-file", "root-file-name", "source",
	"source-map", "strict-control", "telemetry-metric-exporter", "telemetry-trace-exporter",
	"telemetry-trace-exporter-http-endpoint", "tf-path", "tfpath", "traceparent", "units-that-include",
	"version-manager-file-name", "working-dir",
}

// switches are the flags of Terragrunt that have no value, by their names of today and of old.
var switches = []string{
	"backend-bootstrap", "backend-require-bootstrap", "debug", "dependency-fetch-output-from-state", "disable-bucket-update",
	"disable-command-validation", "disable-log-formatting", "engine-skip-check", "experiment-mode", "experimental-engine",
	"fail-fast", "fail-on-state-bucket-creation", "fetch-dependency-output-from-state", "filter-affected",
	"filter-allow-destroy", "forward-tf-stdout", "help", "h", "ignore-dependency-errors", "ignore-dependency-order",
	"ignore-external-dependencies", "include-external-dependencies", "include-module-prefix", "inputs-debug", "json-log",
	"log-disable", "log-show-abs-paths", "no-auto-approve", "no-auto-init", "no-auto-provider-cache-dir", "no-auto-retry",
	"no-color", "no-dependency-fetch-output-from-state", "no-destroy-dependencies-check", "no-engine", "no-filters-file",
	"no-stack-generate", "no-tips", "non-interactive", "provider-cache", "queue-exclude-external", "queue-ignore-dag-order",
	"queue-ignore-errors", "queue-include-external", "queue-strict-include", "source-update", "strict-include", "strict-mode",
	"strict-validate", "summary-disable", "summary-per-unit", "tf-forward-stdout", "tf-logs-to-json",
	"use-partial-parse-config-cache", "version", "v",
}
