package launch

import (
	"slices"
	"testing"

	"whichrole/internal/paths"
)

func TestEnvironmentOfACommandElsewhere(t *testing.T) {
	env := paths.Env{"B": "2", "A": "", "PWD": "/here"}
	if got := (Command{Env: env}).environ(); !slices.Equal(got, []string{"A=", "B=2", "PWD=/here"}) {
		t.Errorf("%q", got)
	}
	if got := (Command{Env: env, Dir: "/there"}).environ(); !slices.Equal(got, []string{"A=", "B=2", "PWD=/there"}) || env["PWD"] != "/here" {
		t.Errorf("%q", got)
	}
}
