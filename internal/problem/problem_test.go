package problem

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

func TestCodeOfLooksThroughWrapping(t *testing.T) {
	base := New(NotTrusted, "not trusted")
	for _, tt := range []struct {
		err  error
		want Code
	}{
		{nil, 0},
		{errors.New("anything"), Failure},
		{base, NotTrusted},
		{fmt.Errorf("while asking: %w", base), NotTrusted},
	} {
		if got := CodeOf(tt.err); got != tt.want {
			t.Errorf("CodeOf(%v) = %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestHintAndCauseLeaveTheOriginalAlone(t *testing.T) {
	base := New(Failure, "x")
	cause := errors.New("cause")
	hinted := base.WithHint("run: %s", "this").Because(cause)
	if base.Hint != "" || base.Err != nil {
		t.Errorf("the original changed: %+v", base)
	}
	if hinted.Hint != "run: this" || !errors.Is(hinted, cause) {
		t.Errorf("got %+v", hinted)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"a", "production", "qa", "staging", "role_arn"}
	for in, want := range map[string]string{
		"prod": "production", "qa2": "qa", "stagign": "staging", "role_am": "role_arn", "xyz": "", "q": "qa", "": "", "c": "",
		"productoin": "production", "something-else-entirely": "",
	} {
		if got := Nearest(in, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

// A hostile map has tens of thousands of names to compare a wrong one with.
func TestNearestAllocatesNothing(t *testing.T) {
	names := []string{"production", "qa", "staging", strings.Repeat("x", 64), strings.Repeat("y", 1000)}
	wrong := strings.Repeat("x", 60)
	if n := testing.AllocsPerRun(100, func() { Nearest(wrong, names) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if got := Nearest(strings.Repeat("z", 200), names); got != "" {
		t.Errorf("near to nothing, but %s", got)
	}
}

func TestPastedHintReachesTheCommandAsOneWord(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal("no sh on this system")
	}
	for _, s := range []string{
		"plain/path-1.2", "", "two words", "$(touch /tmp/x)", "`id`", "it's", `a"b`, `a\b`, "*", "~root", "-x; ls", "a\nb", "ü",
	} {
		out, err := exec.Command(sh, "-c", "printf %s "+quoteFor("linux", s)).Output()
		if err != nil || string(out) != s {
			t.Errorf("quoted %q, the shell read %q (%v)", s, out, err)
		}
	}
}

func TestQuoteForWindows(t *testing.T) {
	for in, want := range map[string]string{
		`C:\infra\qa`: `C:\infra\qa`, `C:\my infra`: `"C:\my infra"`, `a&calc`: `…`, `a"&calc"`: `…`, `a$(calc)`: `…`, "a`calc`": `…`, `a%PATH%`: `…`, ``: `""`,
	} {
		if got := quoteFor("windows", in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// What stands in a message goes to terminals and into JSON: half a character would be a broken one there.
func TestCutLeavesCharactersWhole(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "0123456789": "0123456789", "01234567890": "0123456…", "ééééé": "ééééé", "éééééé": "ééé…", "0ééééé": "0ééé…",
		"01234567\xf0\x9f\x98\x80": "0123456…", "012345\xf0\x9f\x98\x80x": "012345…", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80": "…",
	} {
		if got := Cut(in, 10); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
