package prompt

import (
	"os"
	"strings"
	"testing"
)

func TestOnlyYesIsYes(t *testing.T) {
	for answer, want := range map[string]bool{
		"y\n": true, "YES\r\n": true, " yes \n": true, "\n": false, "": false, "n\n": false, "yep\n": false, "no\ny\n": false, "y": true,
	} {
		var out strings.Builder
		if got := Confirm(strings.NewReader(answer), &out, "trust it?"); got != want {
			t.Errorf("%q: %v", answer, got)
		}
		if !strings.HasPrefix(out.String(), "trust it? [y/N] ") {
			t.Errorf("asked %q", out.String())
		}
	}
}

func TestAPipeIsNoTerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if OnTerminal(r, w) || OnTerminal(nil, w) || OnTerminal(r, &strings.Builder{}) {
		t.Error("a pipe counts as a terminal")
	}
}
