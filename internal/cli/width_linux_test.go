package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"whichrole/internal/audit"
	"whichrole/internal/test/pty"
)

// onColumns is what a command shows on a terminal of that width.
func onColumns(t *testing.T, home, columns string, words ...string) []string {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-c", `stty cols "$0" && exec "$@"`, columns, "whichrole"}, words...)...)
	cmd.Dir = home
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm", "NO_COLOR=1", "WHICHROLE_CACHE=none", "TZ=UTC", "AWS_ENDPOINT_URL_STS=http://127.0.0.1:1", "GORACE=atexit_sleep_ms=0"}
	terminal := pty.Start(t, cmd)
	terminal.Wait() // doctor fails where something is broken
	return strings.Split(strings.TrimSpace(terminal.Screen()), "\n")
}

func trailOf(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	trail := audit.Log{Dir: filepath.Join(home, ".local", "state", "whichrole"), Now: time.Now}
	deep := "/srv/infra/" + strings.Repeat("a-long-way/", 8)
	for _, l := range []audit.Line{
		{Environment: "production", Operation: "apply", RoleARN: "arn:aws:iam::111111111111:role/terraform", Account: "111111111111", From: "sts", AccessKeyID: "ASIAEXAMPLE000000001",
			Caller: audit.Caller{Name: "terraform", PID: 4711, Subcommand: "apply"}, Dir: deep + "network", Overrides: []string{"--env"}},
		{Dir: deep + "storage", Refused: "the role map is not trusted: it was never approved, and that is a reason which is as long as reasons are", Exit: 5, Command: "export"},
		{Time: time.Now().Add(-50 * time.Hour), Environment: "qa", Dir: "/srv/infra/qa"},
	} {
		if err := trail.Append(l); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// Each row of the log took up to four lines of a terminal.
func TestLogFitsTheTerminal(t *testing.T) {
	home := trailOf(t)
	for columns, head := range map[int]string{
		80: "TIME ENVIRONMENT ROLE DIRECTORY", 100: "TIME ENVIRONMENT ROLE ACCESS KEY DIRECTORY", 200: "TIME ENVIRONMENT OPERATION ROLE FROM ACCESS KEY CALLER DIRECTORY",
	} {
		lines := onColumns(t, home, strconv.Itoa(columns), "log")
		if got := strings.Join(strings.Fields(lines[0]), " "); got != head {
			t.Errorf("%d columns: %s", columns, got)
		}
		rest := strings.Join(lines, "\n")
		for _, line := range lines[:len(lines)-1] { // the last one is the file's path
			if n := utf8.RuneCountInString(line); n > columns {
				t.Errorf("%d columns: %d in %q", columns, n, line)
			}
		}
		today := time.Now().UTC().Format(time.DateOnly) + " "
		for _, want := range []string{"-way/network\n    by --env\n", "-way/storage\n    exit 5: the role map is not trusted", " qa "} {
			if !strings.Contains(rest, want) {
				t.Errorf("%d columns: no %q in\n%s", columns, want, rest)
			}
		}
		if strings.Contains(rest, today) && time.Now().UTC().Hour() > 0 || !strings.Contains(rest, time.Now().Add(-50*time.Hour).UTC().Format(time.DateOnly)) {
			t.Errorf("%d columns: the date of today, or no other, in\n%s", columns, rest)
		}
	}
}

// Texts went on below the names of their rows.
func TestDoctorAndExplainHangOnTheTerminal(t *testing.T) {
	home := t.TempDir()
	for command, names := range map[string]int{"doctor": 19, "explain": 13} {
		for i, line := range onColumns(t, home, "80", command) {
			pasted := strings.Contains(line, "fix: ") || strings.Contains(line, "hint: ") || i == 0
			if n := utf8.RuneCountInString(line); n > 80 && !pasted && strings.Contains(strings.TrimSpace(line[names:]), " ") {
				t.Errorf("%s: %d columns in %q", command, n, line)
			}
		}
	}
	screen := strings.Join(onColumns(t, home, "80", "doctor"), "\n")
	if !strings.Contains(screen, "\n"+strings.Repeat(" ", 19)+"program") && !strings.Contains(screen, "AWS SDKs, Terraform and the AWS CLI ask it by a profile;\n"+strings.Repeat(" ", 19)) {
		t.Errorf("nothing goes on below its column:\n%s", screen)
	}
}

func TestWrapped(t *testing.T) {
	long := strings.Repeat("x", 30)
	for text, want := range map[string]string{
		"": "", "short": "short", "one two three four five six": "one two three four|five six", "a " + long + " b": "a|" + long + "|b", "  two  spaces": "  two  spaces",
		"ééé ééé ééé ééé ééé ééé": "ééé ééé ééé ééé ééé|ééé",
	} {
		if got := strings.Join(wrapped(text, 20), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := wrapped("one two", 3); len(got) != 1 {
		t.Errorf("columns of a few characters: %q", got)
	}
}
