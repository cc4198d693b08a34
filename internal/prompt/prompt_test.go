package prompt

import (
	"io"
	"strings"
	"testing"
)

// person is a terminal with an answer typed in.
type person struct {
	io.Reader
	strings.Builder
}

func TestOnlyYesIsYes(t *testing.T) {
	for answer, want := range map[string]bool{
		"y\n": true, "YES\r\n": true, " yes \n": true, "\n": false, "": false, "n\n": false, "yep\n": false, "no\ny\n": false, "y": true,
	} {
		p := &person{Reader: strings.NewReader(answer)}
		if got := Confirm(p, "trust it?"); got != want {
			t.Errorf("%q: %v", answer, got)
		}
		if !strings.HasPrefix(p.String(), "trust it? [y/N] ") {
			t.Errorf("asked %q", p.String())
		}
	}
}
