//go:build linux

package wine

import (
	"bytes"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/creds"
	"whichrole/internal/output"
)

// The commands leave exactly those variables, whatever the values are. Wine's cmd.exe knows nothing of for /f … do @%i, which
// takes the same lines on Windows.
func TestCmdReadsAnExport(t *testing.T) {
	m := newMachine(t)
	m.write(filepath.Join(m.drive, "main.bat"), "@echo off\r\ncall export.bat\r\nset AWS_\r\n")
	m.env = append(m.env, "AWS_PROFILE=old", "AWS_SECURITY_TOKEN=old", "AWS_SESSION_TOKEN=old", "AWS_SECRET_ACCESS_KEY=old")
	for _, value := range []string{
		"plain/+=", "'", `\`, `trailing\`, "& echo pwned>pwned", "| echo pwned>pwned", ">pwned", "^", "^^&", "(echo) pwned", "$(x) `x`", "; , =", "a=b", "",
	} {
		k := output.Keys{Credentials: creds.Credentials{AccessKeyID: "ASIA", SecretAccessKey: creds.NewSecret("s" + value), SessionToken: creds.NewSecret(value)}}
		var text bytes.Buffer
		must(t, output.Shell(&text, "windows-cmd", k, func(string) bool { return false }))
		m.write(filepath.Join(m.drive, "export.bat"), text.String())
		want := map[string]string{"AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "s" + value}
		if value != "" {
			want["AWS_SESSION_TOKEN"] = value
		}
		end := m.run(m.drive, "cmd.exe", "/c", "main.bat")
		got := map[string]string{}
		for line := range strings.Lines(end.stdout) {
			name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
			got[name] = value
		}
		if !maps.Equal(got, want) || end.stderr != "" {
			t.Errorf("%q: %q %s", value, end.stdout, end.stderr)
		}
	}
	if found, err := filepath.Glob(filepath.Join(m.drive, "*pwned*")); err != nil || len(found) > 0 {
		t.Errorf("something ran: %v %v", found, err)
	}
}
