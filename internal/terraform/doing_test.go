package terraform

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/process"
)

// The processes of most chains. What stands in one line is the command line; the file's name stands before it where it is
// another; a tab stands for a space within an argument.
const (
	sdkShell = "dash: sh -c /opt/whichrole\tcredential-process"
	localSh  = "dash: /bin/sh -c aws\ts3\tls"
	plugin   = ".terraform/providers/registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64/terraform-provider-aws_v5.100.0_x5"
	terminal = "bash: -bash"
)

// chainOf makes the chain of calling processes from their command lines, the nearest first: pids from 101.
func chainOf(lines ...string) process.Chain {
	var c process.Chain
	for i, line := range lines {
		name, args, named := strings.Cut(line, ": ")
		if !named {
			name, args = "", line
		}
		fields := strings.Fields(strings.ReplaceAll(args, "\t", "\x00"))
		for j, f := range fields {
			fields[j] = strings.ReplaceAll(f, "\x00", " ")
		}
		if name == "" {
			name = fields[0][strings.LastIndexByte(fields[0], '/')+1:]
		}
		c.Callers = append(c.Callers, process.Process{PID: 101 + i, Name: name, Args: fields, Started: uint64(5000 - i)})
	}
	return c
}

func TestRead(t *testing.T) {
	tests := []struct {
		story  string
		chain  process.Chain // the nearest first
		want   string        // operation, direct, plugin
		caller string
		from   string
	}{
		// The nearest tool decides, by its subcommand.
		{"a provider plugin in plan", chainOf(sdkShell, plugin, "terraform plan -out=tfplan", terminal), "plan plugin", "terraform-provider-aws_v5.100.0_x5",
			"terraform plan (process 103), asked by its provider plugin"},
		{"a provider plugin in apply", chainOf(plugin, "terraform apply", terminal), "apply plugin", "terraform-provider-aws_v5.100.0_x5",
			"terraform apply (process 102), asked by its provider plugin"},
		{"terragrunt above: the terraform it runs decides", chainOf(plugin, "tofu plan", "terragrunt run --all apply", terminal), "plan plugin",
			"terraform-provider-aws_v5.100.0_x5", "tofu plan (process 102), asked by its provider plugin"},
		{"a plan that a local-exec starts in an apply", chainOf(plugin, "terraform -chdir=other plan", localSh, "terraform apply"), "plan plugin",
			"terraform-provider-aws_v5.100.0_x5", "terraform plan (process 102), asked by its provider plugin"},
		{"a proxy of the same name (tenv, panicwrap)", chainOf("terraform apply", "terraform apply", terminal), "apply direct", "terraform",
			"terraform apply (process 101), which asks for its state"},
		{"terragrunt makes its bucket", chainOf(sdkShell, "terragrunt run --all apply", terminal), "apply", "terragrunt",
			"terragrunt run --all apply (process 102), which asks itself"},

		// state: nothing between but the SDK's own shell.
		{"the backend: sh has become whichrole", chainOf("terraform apply", terminal), "apply direct", "terraform", "terraform apply (process 101), which asks for its state"},
		{"the backend: sh is dash", chainOf(sdkShell, "terraform plan", terminal), "plan direct", "terraform", "terraform plan (process 102), which asks for its state"},
		{"the backend: sh is busybox", chainOf("busybox: sh -c w", "tofu plan", terminal), "plan direct", "tofu", "tofu plan (process 102), which asks for its state"},
		{"the backend: sh is bash, ash, zsh", chainOf("bash: sh -c w", "terraform plan"), "plan direct", "terraform", "terraform plan (process 102), which asks for its state"},
		{"the backend of init", chainOf(sdkShell, "terraform init -input=false"), "plan direct selects", "terraform", "terraform init (process 102), which asks for its state"},
		{"the backend of workspace new", chainOf(sdkShell, "terraform workspace new qa"), "apply direct selects", "terraform", "terraform workspace new (process 102), which asks for its state"},
		{"two shells: a line of somebody else's", chainOf(sdkShell, "dash: sh -c x", "terraform apply"), "apply", "dash", "terraform apply (process 103), asked by dash"},

		// … or a shim for whichrole.
		{"asdf's shim", chainOf("bash: bash /home/me/.asdf/shims/whichrole credential-process", sdkShell, "terraform plan"), "plan direct", "terraform",
			"terraform plan (process 103), which asks for its state"},
		{"asdf", chainOf("asdf exec whichrole credential-process", "terraform plan"), "plan direct", "terraform", "terraform plan (process 102), which asks for its state"},
		{"mise", chainOf("mise: /home/me/.local/share/mise/shims/whichrole credential-process", sdkShell, "terraform apply"), "apply direct", "terraform",
			"terraform apply (process 103), which asks for its state"},
		{"aqua", chainOf("aqua exec -- whichrole credential-process", "aqua-proxy: whichrole credential-process", "terraform plan"), "plan direct", "terraform",
			"terraform plan (process 103), which asks for its state"},
		{"a proxy of whichrole's name", chainOf("whichrole credential-process", "terraform plan"), "plan direct", "terraform", "terraform plan (process 102), which asks for its state"},
		{"a shim between a plugin and us", chainOf("mise: mise x -- whichrole credential-process", sdkShell, plugin, "terraform apply"), "apply plugin",
			"terraform-provider-aws_v5.100.0_x5", "terraform apply (process 104), asked by its provider plugin"},

		// Anything else between: the operation's role.
		{"an aws in a local-exec must not get the state role", chainOf("aws s3 ls", localSh, "terraform apply"), "apply", "aws", "terraform apply (process 103), asked by aws"},
		{"that aws, where sh became it", chainOf("python3.12: aws s3 ls", "terraform apply"), "apply", "python3.12", "terraform apply (process 102), asked by python3.12"},
		{"whichrole in a local-exec's line", chainOf("dash: /bin/sh -c whichrole\tcredential-process;\ttrue", "terraform apply"), "apply", "terraform",
			"terraform apply (process 102), asked by a shell that it runs"},
		{"a script in a local-exec", chainOf("bash: bash ./up.sh", "terraform apply"), "apply", "bash", "terraform apply (process 102), asked by bash"},
		{"a script in a directory shims", chainOf("bash: bash /home/me/shims/up", "terraform apply"), "apply", "bash", "terraform apply (process 102), asked by bash"},
		{"a script called whichrole elsewhere", chainOf("bash: bash ./whichrole", "terraform apply"), "apply", "bash", "terraform apply (process 102), asked by bash"},
		{"a line that is called as a shim is", chainOf("bash: sh -x -c /home/me/shims/whichrole", "terraform apply"), "apply", "bash", "terraform apply (process 102), asked by bash"},
		{"a task of mise in a local-exec", chainOf("mise run deploy", "terraform apply"), "apply", "mise", "terraform apply (process 102), asked by mise"},
		{"a whole exec in a local-exec", chainOf("whichrole exec -- deploy", "terraform apply"), "apply", "whichrole", "terraform apply (process 102), asked by whichrole"},
		{"env and xargs in a local-exec", chainOf("env whichrole credential-process", "xargs env", localSh, "terraform apply"), "apply", "env",
			"terraform apply (process 104), asked by env"},
		{"a program of an external data source", chainOf(sdkShell, "python3 lookup.py", "terraform-provider-external_v2.3.4_x5", "terraform plan"), "plan", "python3",
			"terraform plan (process 104), asked by python3"},

		// What stands above says nothing.
		{"sudo, env, time, flock and xargs above", chainOf(plugin, "terraform apply", "xargs terraform", "flock l terraform", "time terraform", "env terraform",
			"sudo terraform", "bash: bash -c x", terminal), "apply plugin", "terraform-provider-aws_v5.100.0_x5", "terraform apply (process 102), asked by its provider plugin"},
		{"version managers above", chainOf(sdkShell, "terraform_1.9.0-rc1: terraform apply", "bash: bash /home/me/.tfenv/bin/terraform plan", "mise: terraform plan"),
			"apply direct", "terraform_1.9.0-rc1", "terraform apply (process 102), which asks for its state"},
		{"an IDE's terraform-ls above", chainOf(plugin, "terraform validate", "terraform-ls serve", "code"), "plan plugin", "terraform-provider-aws_v5.100.0_x5",
			"terraform validate (process 102), asked by its provider plugin"},

		// No Terraform.
		{"nobody at all", chainOf(), "plan", "", "no terraform, tofu or terragrunt has called"},
		{"the AWS CLI", chainOf("aws s3 ls", terminal), "plan", "aws", "no terraform, tofu or terragrunt has called"},
		{"a program with /bin/sh", chainOf("dash: /bin/sh -c w", "node index.js", terminal), "plan", "node", "no terraform, tofu or terragrunt has called"},
		{"terraform-ls asks", chainOf("terraform-ls serve apply", "code"), "plan", "terraform-ls", "no terraform, tofu or terragrunt has called"},
		{"terraform-docs asks", chainOf("terraform-docs apply"), "plan", "terraform-docs", "no terraform, tofu or terragrunt has called"},
		{"a plugin that a debugger started", chainOf(plugin, "dlv debug"), "plan plugin", "terraform-provider-aws_v5.100.0_x5", "no terraform, tofu or terragrunt has called"},
		{"a shell alone", chainOf("sh: sh -c w"), "plan", "", "no terraform, tofu or terragrunt has called"},
	}
	for _, tt := range tests {
		t.Run(tt.story, func(t *testing.T) {
			d := read("linux", tt.chain, nil)
			got := d.Operation
			if d.Direct {
				got += " direct"
			}
			if d.Plugin {
				got += " plugin"
			}
			if d.SelectsWorkspace {
				got += " selects"
			}
			if got != tt.want || d.Caller != tt.caller || d.From != tt.from {
				t.Errorf("got %s, %q, %q\nwant %s, %q, %q", got, d.Caller, d.From, tt.want, tt.caller, tt.from)
			}
			if (d.Run == "") != (d.Tool == "" && !d.Plugin) || len(d.Steps) != len(tt.chain.Callers) {
				t.Errorf("run %q of tool %q, %d steps", d.Run, d.Tool, len(d.Steps))
			}
		})
	}
}

func TestUnreadableProcessGetsTheWeakerRole(t *testing.T) {
	hidden := chainOf("aws s3 ls", localSh)
	hidden.Ended = `process 812 ("sudo") is another user's, or lets nobody look`
	nameless := process.Chain{Callers: []process.Process{{PID: 7, Name: "terraform", Started: 9}}}
	above := chainOf("terraform apply")
	above.Ended = "process 9 is gone, or hidden"
	for _, tt := range []struct {
		story           string
		chain           process.Chain
		operation, from string
		direct          bool
	}{
		{"another user's", hidden, Plan, `process 812 ("sudo") is another user's, or lets nobody look, so the weaker one`, false},
		{"its command line", nameless, Plan, "terraform (process 7), whose command line cannot be read, so the weaker one", false},
		{"above the one that decides", above, Apply, "terraform apply (process 101), which asks for its state", true},
	} {
		if d := read("linux", tt.chain, nil); d.Operation != tt.operation || d.Direct != tt.direct || d.From != tt.from {
			t.Errorf("%s: %s, direct %v, %q", tt.story, d.Operation, d.Direct, d.From)
		}
	}
}

func TestReadIsOfThisSystem(t *testing.T) {
	chain := chainOf("x: a", "terraform apply")
	if d := Read(chain, nil); !reflect.DeepEqual(d, read(runtime.GOOS, chain, nil)) || d.Operation != Apply {
		t.Errorf("%+v", d)
	}
	chain = chainOf("terraform init")
	if d := Read(chain, paths.Env{"TF_CLI_ARGS": "-force-copy"}); d.Operation != Apply || d.Subcommand != "init" || !d.Direct {
		t.Errorf("the variables say nothing: %+v", d)
	}
}

func TestRunNamesOneRun(t *testing.T) {
	const tf = "terraform apply"
	alias1, alias2 := read("linux", chainOf("x: a", tf), nil), read("linux", chainOf("x: b", tf), nil)
	later := chainOf("x: a", tf)
	later.Callers[1].Started++ // the same number again, after a day
	if alias1.Run != "102-4999" || alias1.Run != alias2.Run || read("linux", later, nil).Run == alias1.Run {
		t.Errorf("the runs %q, %q, %q", alias1.Run, alias2.Run, read("linux", later, nil).Run)
	}
}

// terragrunt run --all starts terraform in fifty directories: that is one run, and so is a plugin below what nobody knows.
func TestRunIsThatOfTheOutermostTool(t *testing.T) {
	above := []string{"terraform apply", "terragrunt run --all apply", "zsh: -zsh"}
	one := read("linux", chainOf(append([]string{plugin}, above...)...), nil)
	if one.Run != "103-4998" || one.Tool != "terraform" {
		t.Errorf("%s of %s", one.Run, one.Tool)
	}
	if unknown := read("linux", chainOf(plugin, "terraformer: x", "zsh: -zsh"), nil); unknown.Run != "102-4999" || unknown.Tool != "" {
		t.Errorf("%s of %q", unknown.Run, unknown.Tool)
	}
	if nix := read("linux", chainOf(plugin, ".terraform-wrapped: terraform apply"), nil); nix.Operation != Apply {
		t.Errorf("wrapped by Nix: %+v", nix)
	}
}

func TestSteps(t *testing.T) {
	chain := chainOf("bash: bash /home/me/.asdf/shims/whichrole credential-process", sdkShell, plugin, "terraform -chdir=/secret/x state mv a b", "flock /l terraform",
		"terragrunt run --all --log-level debug apply", "zsh: -zsh")
	want := []Step{
		{101, "bash", "shim"}, {102, "dash", "shell"}, {103, "terraform-provider-aws_v5.100.0_x5", "provider plugin"},
		{104, "terraform", "terraform state mv: decides"}, {105, "flock", ""}, {106, "terragrunt", "terragrunt run --all apply"}, {107, "zsh", "shell"},
	}
	if d := read("linux", chain, nil); !reflect.DeepEqual(d.Steps, want) {
		t.Errorf("got  %+v\nwant %+v", d.Steps, want)
	}
}

// A token that was pasted into the wrong place, a path, a name with an escape in it: none of them reaches a terminal or a record.
func TestNothingOfACommandLineIsShown(t *testing.T) {
	for _, line := range []string{
		"terraform s3cr3t", "terraform apply s3cr3t -var=s3cr3t", "terraform -chdir=s3cr3t plan", "terraform state s3cr3t",
		"terraform workspace select s3cr3t", "terraform init\ns3cr3t", "terragrunt --working-dir s3cr3t run --all s3cr3t",
		"terragrunt stack s3cr3t", "terragrunt hcl s3cr3t", "terragrunt --s3cr3t s3cr3t apply", "terragrunt exec -- s3cr3t",
		"\x1b[2Js\u202e\n" + strings.Repeat("x", 300) + ": s3cr3t",
	} {
		d := read("linux", chainOf(line, "tofu s3cr3t"), nil)
		text := strings.Join([]string{d.Subcommand, d.Caller, d.Run, d.From}, " ")
		for _, s := range d.Steps {
			text += s.Name + s.Note
		}
		if strings.Contains(text, "s3cr3t") || strings.ContainsAny(text, "\x1b\n\u202e") || len(text) > 1000 {
			t.Errorf("%q shows %q", line, text)
		}
	}
}

func TestHostileCommandLinesAreReadInNoTime(t *testing.T) {
	many := func(word ...string) []string { return slices.Repeat(word, 1<<14) }
	for story, args := range map[string][]string{
		"no arguments":       {},
		"empty":              {""},
		"thousands of empty": many(""),
		"thousands of flags": many("-x"),
		"unknown flags":      many("--unknown", "run"),
		"runs of runs":       many("run", "--all"),
		"doubts within runs": many("run", "--unknown"),
		"stacks of stacks":   many("stack", "run", "graph", "--unknown"),
		"line breaks":        {"a\nb", "\n", "-\n", "--\n=", "apply\n"},
		"dashes":             {"-", "--", "---", "=", "-=", "--="},
		"not UTF-8":          {"\xff", "-\xff", "\x00"},
		"init of thousands":  append([]string{"init"}, many("-var", "--")...),
	} {
		for _, name := range []string{"terraform", "terragrunt"} {
			start := time.Now()
			d := read("linux", process.Chain{Callers: []process.Process{{PID: 1, Name: name, Args: append([]string{name}, args...)}}}, paths.Env{"TF_CLI_ARGS": strings.Repeat(`-x "`, 1<<14)})
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%s of %s: %s", story, name, took)
			}
			if d.Tool == "" || d.Operation == "" {
				t.Errorf("%s of %s: %+v", story, name, d)
			}
		}
	}
	if d := read("linux", process.Chain{Callers: []process.Process{{}}}, nil); d.Operation != Plan || d.Caller != "" {
		t.Errorf("a process without anything: %+v", d)
	}
}

func TestWindows(t *testing.T) {
	for name, want := range map[string]string{"Terraform.EXE": "terraform", "TOFU.exe": "tofu", "terragrunt_windows_amd64.exe": "terragrunt", "terraform-ls.exe": ""} {
		if got := toolOf("windows", name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	line := `C:\bin\whichrole.exe credential-process`
	for _, tt := range []struct {
		story     string
		p         process.Process
		line, sdk bool
		shim      bool
	}{
		{"the SDK's cmd", process.Process{Name: "cmd.exe", Args: []string{"cmd.exe", "/C", line}}, true, true, false},
		{"the SDK's cmd, taken apart", process.Process{Name: "CMD.EXE", Args: []string{"cmd.exe", "/c", `C:\bin\whichrole.exe`, "credential-process"}}, true, true, false},
		{"local-exec", process.Process{Name: "cmd.exe", Args: []string{"cmd", "/C", line}}, true, false, false},
		{"a batch file", process.Process{Name: "cmd.exe", Args: []string{"cmd.exe", `C:\x.bat`, "y"}}, false, false, false},
		{"PowerShell", process.Process{Name: "powershell.exe", Args: []string{"powershell", "-Command", line}}, false, false, false},
		{"mise", process.Process{Name: "mise.exe", Args: []string{`C:\mise.exe`, "x", "--", "Whichrole.exe"}}, false, false, true},
		{"mise's or Scoop's shim", process.Process{Name: "whichrole.exe", Args: []string{`C:\shims\whichrole.exe`, "credential-process"}}, false, false, true},
		{"a shim for Git's bash", process.Process{Name: "bash.exe", Args: []string{"bash", `C:\me\shims\whichrole`, "credential-process"}}, false, false, true},
	} {
		if got := runsLine("windows", tt.p); got != tt.line || got && runsLineOfGo("windows", tt.p) != tt.sdk || isShim("windows", tt.p) != tt.shim {
			t.Errorf("%s: runs a line %v, is a shim %v", tt.story, got, isShim("windows", tt.p))
		}
	}
	for caller, want := range map[string]string{
		"Terraform.exe":                          "terraform apply (process 102), which asks for its state",
		"Terraform-Provider-AWS_v5.100.0_x5.exe": "no terraform, tofu or terragrunt has called",
		"code.exe":                               "no terraform, tofu or terragrunt has called",
	} {
		d := read("windows", chainOf("cmd.exe: cmd.exe /C w", caller+": x apply"), nil)
		if d.From != want || d.Caller != caller || d.Direct != (d.Tool != "") || d.Plugin != strings.Contains(caller, "Provider") {
			t.Errorf("%s: %+v", caller, d)
		}
	}
}
