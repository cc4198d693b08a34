package modules

import (
	"strings"
	"testing"
	"time"
)

// The text to delete was copied for each of a hundred thousand roles, of which a hundred are kept: 200 KB took 31 s.
func TestRolesWithoutEndAreNotAllCopied(t *testing.T) {
	within(t, time.Minute, "roles", func() {
		start := time.Now()
		m, _, _ := look(t, map[string]string{"main.tf": "provider \"aws\" {\n  assume_role = [" + strings.Repeat("0,", 100_000) + "]\n}\n"})
		if len(m.Own) != maxOwn {
			t.Errorf("%d kept", len(m.Own))
		}
		if d := time.Since(start); d > 15*time.Second {
			t.Errorf("took %v", d)
		}
	})
}
