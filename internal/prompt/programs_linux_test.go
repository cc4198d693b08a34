package prompt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// desktop is a screen with programs of these names alone, each a shell script: the machine's own browser stays closed. They
// find $dir to leave notes in.
func desktop(t *testing.T, programs map[string]string) paths.Env {
	t.Helper()
	bin := t.TempDir()
	for name, script := range programs {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\nPATH=/usr/bin:/bin\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return paths.Env{"DISPLAY": ":0", "PATH": bin, "dir": t.TempDir()}
}

func notes(t *testing.T, env paths.Env, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(env["dir"], name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const noteArgs = `printf '%s\n' "$@" >>"$dir/args"; `

func TestDialogAsksByTheProgramThatIsThere(t *testing.T) {
	const title, question = `whichrole <b>`, "code of\n$(id) <b>a_b</b> & \\n"
	for name, tt := range map[string]struct {
		programs map[string]string
		args     []string
	}{
		"zenity": {map[string]string{"zenity": noteArgs + `echo 123456`, "kdialog": `exit 2`},
			[]string{"--entry", "--title=whichrole ?b?", "--text=code of ?(id) ?b?a__b?/b? ? ?n"}},
		"kdialog": {map[string]string{"kdialog": noteArgs + `echo ' 123 456 '`},
			[]string{"--title", "whichrole ?b?", "--inputbox", "code of ?(id) ?b?a_b?/b? ? ?n"}},
	} {
		env := desktop(t, tt.programs)
		code, err := Dialog(t.Context(), env, title, question)
		args := strings.Split(strings.TrimSuffix(notes(t, env, "args"), "\n"), "\n")
		if err != nil || code != "123456" || !slices.Equal(args, tt.args) {
			t.Errorf("%s: %q, %v, %q", name, code, err, args)
		}
	}
}

// Texts are arguments of the script, and no part of it.
func TestDialogOnAMac(t *testing.T) {
	const hostile = `"); app.doShellScript("id`
	c, err := dialogProgram(nil, "darwin", "a title", hostile)
	if err != nil || c.Path != "/usr/bin/osascript" || !slices.Equal(c.Args, []string{"-l", "JavaScript", "-e", script, "a title", hostile}) {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestDialogAsksAgain(t *testing.T) {
	env := desktop(t, map[string]string{"zenity": noteArgs + `test -e "$dir/once" && echo 123456 || echo 12345; : >"$dir/once"`})
	code, err := Dialog(t.Context(), env, "t", "code")
	if err != nil || code != "123456" || !strings.Contains(notes(t, env, "args"), "--text=that is not six digits. code\n") {
		t.Errorf("%q, %v, %q", code, err, notes(t, env, "args"))
	}
	env = desktop(t, map[string]string{"zenity": noteArgs + `echo secret`})
	_, err = Dialog(t.Context(), env, "t", "code")
	if err == nil || err.Error() != "none of 3 answers was a code of six digits" || strings.Count(notes(t, env, "args"), "--entry") != 3 {
		t.Errorf("%v, %q", err, notes(t, env, "args"))
	}
}

func TestDialogWithoutAnAnswer(t *testing.T) {
	for name, tt := range map[string]struct{ script, want string }{
		"closed":       {`exit 1`, "the dialog was closed without a code"},
		"breaks":       {`echo 123456; echo why >&2; exit 255`, "cannot ask for the code: it ended with exit code 255"},
		"is no script": {"\nexec /no/such", "cannot ask for the code: it ended with exit code 127"},
		"floods":       {`exec yes`, "cannot ask for the code: it wrote more than 64 KiB"},
	} {
		_, err := Dialog(t.Context(), desktop(t, map[string]string{"zenity": tt.script}), "t", "q")
		if err == nil || err.Error() != tt.want || problem.CodeOf(err) != problem.LoginNeeded {
			t.Errorf("%s: %v", name, err)
		}
	}
	env := desktop(t, nil)
	if _, err := Dialog(t.Context(), env, "t", "q"); !errors.Is(err, ErrNobody) {
		t.Errorf("without a program: %v", err)
	}
}

func TestDialogIsClosedWhenTimeIsUp(t *testing.T) {
	env := desktop(t, map[string]string{"zenity": `echo $$ >"$dir/pid"; exec sleep 1000`})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := Dialog(ctx, env, "t", "q")
	if !errors.Is(err, context.DeadlineExceeded) || err.Error() != "no code was typed in time" {
		t.Errorf("%v", err)
	}
	var pid int
	fmt.Sscan(notes(t, env, "pid"), &pid)
	if err := syscall.Kill(pid, 0); err == nil {
		t.Errorf("the dialog is still there")
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

const address = "https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH"

func TestBrowserIsTheUsersOwn(t *testing.T) {
	note := `echo "${0##*/} $*" >>"$dir/args"; `
	for name, tt := range map[string]struct {
		browser  string
		programs map[string]string
		want     string
	}{
		"xdg-open":               {"", map[string]string{"xdg-open": note, "x-www-browser": note}, "xdg-open"},
		"without xdg-open":       {"", map[string]string{"x-www-browser": note}, "x-www-browser"},
		"xdg-open finds nothing": {"", map[string]string{"xdg-open": `exit 3`, "x-www-browser": note}, "x-www-browser"},
		"BROWSER":                {"mine", map[string]string{"xdg-open": note, "mine": note}, "mine"},
		"BROWSER is not there":   {"mine", map[string]string{"xdg-open": note}, "xdg-open"},
		"BROWSER is a line":      {"mine %s", map[string]string{"xdg-open": note, "mine": note}, "xdg-open"},
		"BROWSER is a list":      {"mine:yours", map[string]string{"xdg-open": note, "mine": note}, "xdg-open"},
		"BROWSER is relative":    {"./mine", map[string]string{"xdg-open": note, "mine": note}, "xdg-open"},
	} {
		t.Run(name, func(t *testing.T) {
			env := desktop(t, tt.programs)
			env["BROWSER"] = tt.browser
			if err := Browse(env, address); err != nil {
				t.Fatal(err)
			}
			if got := notes(t, env, "args"); got != tt.want+" "+address+"\n" {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestBrowserThatCannotBeOpenedIsSaid(t *testing.T) {
	env := desktop(t, nil)
	if err := Browse(env, address); !errors.Is(err, ErrNobody) {
		t.Errorf("%v", err)
	}
	env = desktop(t, map[string]string{"xdg-open": `exit 3`, "x-www-browser": `exit 4`, "wslview": `exit 5`})
	if err := Browse(env, address); err == nil || errors.Is(err, ErrNobody) {
		t.Errorf("%v", err)
	}
}

func TestNothingIsOpenedOnAScreenWhereNobodySits(t *testing.T) {
	env := desktop(t, map[string]string{"zenity": noteArgs + `echo 123456`, "kdialog": noteArgs, "xdg-open": noteArgs})
	for _, elsewhere := range []string{"SSH_CONNECTION", "CI"} {
		env[elsewhere] = "1"
		if code, err := Dialog(t.Context(), env, "t", "q"); !errors.Is(err, ErrNobody) {
			t.Errorf("%s: %q, %v", elsewhere, code, err)
		}
		if err := Browse(env, address); !errors.Is(err, ErrNobody) {
			t.Errorf("%s: %v", elsewhere, err)
		}
		delete(env, elsewhere)
	}
	if _, err := os.Stat(filepath.Join(env["dir"], "args")); err == nil {
		t.Errorf("opened: %s", notes(t, env, "args"))
	}
}
