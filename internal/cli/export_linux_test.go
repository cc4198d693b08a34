package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/test/fakests"
	"whichrole/internal/test/pty"
)

// Whoever types it alone is told what it is for; a shell that reads it is told nothing.
func TestExportToATerminalSaysWhatItIsFor(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sts := fakests.Start(fakests.Config{
		Users: []fakests.User{{AccessKeyID: "AKIAWHICHROLETEST001", SecretAccessKey: "corp-secret", ARN: "arn:aws:iam::999999999999:user/corp"}},
	})
	defer sts.Close()
	mkdir(t, filepath.Join(top, ".git"))
	text := "version: 1\nsource: [{environment: true}]\nenvironments:\n  own: {dirs: [\"**\"], source: [{environment: true}], account: \"999999999999\"}\n"
	if err := os.WriteFile(filepath.Join(top, ".whichrole.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for format, note := range map[string]string{
		"env": `eval "$(whichrole export)"`, "fish": "export --format fish | source", "powershell": "| Invoke-Expression", "windows-cmd": "do @%i", "process": "",
	} {
		cmd := exec.Command("whichrole", "export", "--format", format)
		cmd.Dir = top
		cmd.Env = []string{"HOME=" + top, "WHICHROLE_TRUSTED_PATHS=" + top, "WHICHROLE_CACHE=none", "AWS_ENDPOINT_URL_STS=" + sts.URL,
			"AWS_ACCESS_KEY_ID=AKIAWHICHROLETEST001", "AWS_SECRET_ACCESS_KEY=corp-secret", "GORACE=atexit_sleep_ms=0"}
		terminal := pty.Start(t, cmd)
		if err := terminal.Wait(); err != nil {
			t.Fatalf("%v: %s", err, terminal.Screen())
		}
		_, told, found := strings.Cut(terminal.Screen(), "whichrole: these commands are for your shell to read: ")
		if found != (note != "") || !strings.HasSuffix(strings.TrimSpace(told), note) || !strings.Contains(terminal.Screen(), "AKIAWHICHROLETEST001") {
			t.Errorf("%s: %s", format, terminal.Screen())
		}
	}
}
