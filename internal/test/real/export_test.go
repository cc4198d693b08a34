//go:build linux

package real

import (
	"strings"
	"testing"
)

// A shell that has the keys of a directory is that role to every client, whatever it had before: another profile, a token that
// botocore reads first, an end that has passed.
func TestExportIsTheOnlyOneThatAnyClientAsks(t *testing.T) {
	l := execLaptop(t, "aws", "python3")
	l.env = append(l.env, "AWS_SECURITY_TOKEN=stale", "AWS_SESSION_TOKEN=stale", "AWS_CREDENTIAL_EXPIRATION=2020-01-01T00:00:00Z", "AWS_ACCOUNT_ID=666666666666", "AWS_DEFAULT_PROFILE=decoy")
	for name, client := range l.clients() {
		for dir, want := range sessionOf {
			script := `keys=$("$0" export) && eval "$keys" && exec "$@"`
			if got := strings.TrimSpace(l.run(l.in(dir), "sh", append(append([]string{"-c", script, l.bin}, client...), "2", "0")...)); got != want+"\n"+want {
				t.Errorf("%s in %s: %s", name, dir, got)
			}
		}
	}
	for _, c := range l.sts.Calls() {
		if c.AccessKeyID == decoyID {
			t.Errorf("somebody else's keys were used: %+v", c)
		}
	}
}
