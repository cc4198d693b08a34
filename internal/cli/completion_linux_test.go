package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/test/pty"
)

const bashCompletion = "/usr/share/bash-completion/bash_completion"

// typists are the real shells on a terminal: how each is started, and what is typed to have completion.
var typists = []struct {
	name    string
	command []string
	first   string
}{
	{"bash", []string{"bash", "--norc", "--noprofile"}, `eval "$(whichrole completion bash)"`},
	{"bash with bash-completion", []string{"bash", "--norc", "--noprofile"}, ". " + bashCompletion + `; eval "$(whichrole completion bash)"`},
	{"bash with set -u", []string{"bash", "--norc", "--noprofile", "-u"}, `eval "$(whichrole completion bash)"`},
	{"bash without compopt, as 3.2", []string{"bash", "--norc", "--noprofile"}, `compopt() { return 1; }; eval "$(whichrole completion bash)"`},
	{"zsh", []string{"zsh", "-f"}, `autoload -U compinit; compinit -u -D; source <(whichrole completion zsh)`},
	{"zsh that loads it", []string{"zsh", "-f"}, `mkdir f; whichrole completion zsh > f/_whichrole; fpath=($PWD/f $fpath); autoload -U compinit; compinit -u -D`},
	{"fish", []string{"fish", "--no-config"}, `whichrole completion fish | source`},
}

// typed is what a person types, with a tab for the tab key, and what then is on the command line.
var typed = []struct{ line, want string }{
	{"vers\t", "version"},
	{"-C infra -e prod\t", "-C infra -e production"},
	{"-C infra --env=prod\t", "-C infra --env=production"},
	{"-C 'my infra' --env=\t", "-C my infra --env=only"},
	{"-C infra --env prod\t", "-C infra --env production"},
	{"-C 'my infra' -e on\t", "-C my infra -e only"},
	{"-C my\\ infra -e on\t", "-C my infra -e only"},
	{"-C ~/infra exec -e prod\t", "-C HOME/infra exec -e production"},
	{"--map infra/.whichrole.yaml -e prod\t", "--map infra/.whichrole.yaml -e production"},
	{"export --format fi\t", "export --format fish"},
	{"export --format=fi\t", "export --format=fish"},
	{"--oper\tap\t", "--operation apply"},
	{"cache cl\t--exp\t", "cache clear --expired"},
	{"--no-input completion z\t", "--no-input completion zsh"},
	{"-C inf\t -e qa", "-C infra -e qa"},
	{"--dir=inf\t -e qa", "--dir=infra -e qa"},
	{"--map infra/.which\t -e qa", "--map infra/.whichrole.yaml -e qa"},
	{"exec -- tool-of-m\tx", "exec -- tool-of-mine x"},
	{"exec --static -- ls inf\t x", "exec --static -- ls infra x"},
	{"login --profile cor\t", "login --profile corp"},
	{"-C '$(touch pwned)' -e \t-x", "-C $(touch pwned) -e -x"},
	{"-C o\t -e qa", "-C o;touch pwned -e qa"}, // a directory of a hostile repository
	{"-C evil -e tou\t-x", "-C evil -e tou-x"}, // what is no map has no names
}

func TestCompletionInTheRealShells(t *testing.T) {
	for _, s := range typists {
		t.Run(s.name, func(t *testing.T) {
			_, err := exec.LookPath(s.command[0])
			if strings.Contains(s.first, bashCompletion) && err == nil {
				_, err = os.Stat(bashCompletion)
			}
			if err != nil {
				if os.Getenv("CI") != "" {
					t.Fatalf("%v: apt-get install bash bash-completion zsh fish", err)
				}
				t.Skip(err)
			}
			t.Parallel()
			home := desk(t)
			cmd := exec.Command(s.command[0], s.command[1:]...)
			cmd.Dir = home
			cmd.Env = []string{"PATH=" + os.Getenv("PATH") + ":" + filepath.Join(home, "bin"), "HOME=" + home, "TERM=xterm", "PS1=$ ", "LANG=C.UTF-8",
				"GORACE=atexit_sleep_ms=0"} // with -race each tab would otherwise take a second
			terminal := pty.Start(t, cmd)
			terminal.Type(s.first + "; printf '%s\\n' rea''dy\n")
			terminal.Expect("ready\n", 1)
			// From now on whichrole tells what it would be run with: completion must not notice.
			if strings.HasPrefix(s.name, "fish") {
				terminal.Type("function whichrole; printf '<<%s>>\\n' (string join ' ' -- $argv); end\n")
			} else {
				terminal.Type("whichrole() { printf '<<%s>>\\n' \"$*\"; }\n")
			}
			for _, tt := range typed {
				seen := strings.Count(terminal.Screen(), ">>\n")
				terminal.Type("whichrole " + tt.line)
				terminal.Type("\n")
				terminal.Expect(">>\n", seen+1)
				screen := terminal.Screen()
				got := screen[strings.LastIndex(screen, "<<")+2 : strings.LastIndex(screen, ">>\n")]
				// A directory's slash may be there, or be taken back by the blank that was typed.
				want := strings.ReplaceAll(tt.want, "HOME", home)
				if got != want && strings.NewReplacer("infra/ ", "infra ", "pwned/ ", "pwned ").Replace(got) != want {
					t.Errorf("%q became %q, want %q", tt.line, got, want)
				}
			}
			if strings.HasPrefix(s.name, "zsh") { // which lists a value that has no description as "--", among the others
				before := len(terminal.Screen())
				terminal.Type("whichrole export --format \t\t")
				terminal.Expect("windows-cmd", strings.Count(terminal.Screen()[:before], "windows-cmd")+1)
				terminal.Type("\x15echo lis''ted\n")
				terminal.Expect("listed\n", 1)
				if list := terminal.Screen()[before:]; strings.Contains(list, " -- ") || !strings.Contains(list, "terragrunt") {
					t.Errorf("values are offered as %q", list)
				}
			}
			// ./whichrole is any repository's, and nobody has pressed enter.
			terminal.Type("./whichrole vers\t\x15echo do''ne\n")
			terminal.Expect("done\n", 1)
			if _, err := os.Lstat(filepath.Join(home, "pwned")); err == nil {
				t.Error("something ran")
			}
		})
	}
}

// desk is a home with two repositories, a command on PATH, and what a hostile repository would have.
func desk(t *testing.T) string {
	t.Helper()
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"infra/.git/HEAD":          "ref: refs/heads/main\n",
		"infra/.whichrole.yaml":    "version: 1\nenvironments:\n  production: {role_arn: \"arn:aws:iam::111111111111:role/p\"}\n  qa: {role_arn: \"arn:aws:iam::111111111111:role/q\"}\n",
		"my infra/.git/HEAD":       "ref: refs/heads/main\n",
		"my infra/.whichrole.yaml": "version: 1\nenvironments:\n  only: {role_arn: \"arn:aws:iam::111111111111:role/p\"}\n",
		"evil/.git/HEAD":           "ref: refs/heads/main\n",
		"evil/.whichrole.yaml":     "version: 1\nenvironments:\n  \"touch$(touch ../pwned)\": {role_arn: \"arn:aws:iam::111111111111:role/p\"}\n",
		".aws/config":              "[profile corp]\nregion = eu-west-1\n[profile $(touch pwned)]\nregion = eu-west-1\n",
		"bin/tool-of-mine":         "#!/bin/sh\n",
		"o;touch pwned/main.tf":    "",
		"whichrole":                "#!/bin/sh\ntouch pwned\n",
	} {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return home
}
