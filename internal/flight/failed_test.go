package flight

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
)

func TestFailureIsNotAskedForAgainForAWhile(t *testing.T) {
	for _, code := range []problem.Code{problem.Refused, problem.Unreachable, problem.LoginNeeded} {
		w := newWorld(t)
		own := problem.New(code, "no").WithHint("ask nicely")
		if _, led, err := w.do(t.Context(), someID, fails(own)); err != own || !led {
			t.Fatalf("%v %v", led, err)
		}
		w.forward.Add(int64(3200 * time.Millisecond))
		_, led, err := w.do(t.Context(), someID, gives("x"))
		p, ok := errors.AsType[*problem.Error](err)
		want := "no (that was 3s ago; asked again in 2s, or after: whichrole cache clear --expired)"
		if code == problem.LoginNeeded {
			want = "no"
		}
		if !ok || led || p.Code != code || p.Message != want || p.Hint != "ask nicely" {
			t.Errorf("%d after 3.2s: %v %+v", code, led, err)
		}
		w.forward.Store(int64(coolDown))
		if _, led, err := w.do(t.Context(), someID, fails(own)); err != own || !led {
			t.Errorf("%d after 5s: %v %v", code, led, err)
		}
		w.forward.Add(int64(coolDown))
		if value, _, err := w.do(t.Context(), someID, gives("x")); string(value) != "x" || err != nil {
			t.Errorf("%d after 10s: %v", code, err)
		}
		if left, _ := filepath.Glob(w.run + "/*.failed"); left != nil {
			t.Errorf("a success leaves %v", left)
		}
	}
}

// What comes of the cool-down itself must not begin it anew.
func TestCoolDownEndsHoweverOftenOneAsks(t *testing.T) {
	w := newWorld(t)
	w.do(t.Context(), someID, fails(errRefused))
	for range 4 {
		w.forward.Add(int64(coolDown / 4))
		w.do(t.Context(), someID, gives("x"))
	}
	if value, _, err := w.do(t.Context(), someID, gives("x")); string(value) != "x" {
		t.Error(err)
	}
}

func TestOtherFailuresAreNotKept(t *testing.T) {
	for _, err := range []error{problem.New(problem.Usage, "x"), problem.New(problem.Failure, "x"), problem.New(problem.NotTrusted, "x"), errors.New("x")} {
		w := newWorld(t)
		if _, _, got := w.do(t.Context(), someID, fails(err)); got != err {
			t.Errorf("%v", got)
		}
		if left, _ := filepath.Glob(w.run + "/*.failed"); left != nil {
			t.Errorf("%v is kept", err)
		}
		if value, _, err := w.do(t.Context(), someID, gives("x")); string(value) != "x" {
			t.Error(err)
		}
	}
}

func TestLoginLiftsAllCoolDownsAndNothingElse(t *testing.T) {
	w := newWorld(t)
	if err := w.Lift(); err != nil {
		t.Errorf("with nothing there: %v", err)
	}
	other := strings.Repeat("0", 32)
	for _, id := range []string{someID, other} {
		w.do(t.Context(), id, fails(errRefused))
	}
	foreign := filepath.Join(w.run, "mine.failed")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Lift(); err != nil {
		t.Error(err)
	}
	for _, id := range []string{someID, other} {
		if value, led, err := w.do(t.Context(), id, gives("x")); string(value) != "x" || !led {
			t.Errorf("%s: %v", id, err)
		}
		if _, err := os.Stat(filepath.Join(w.run, id+".lock")); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error(err)
	}
	if err := (&Group{Now: time.Now}).Lift(); err != nil {
		t.Errorf("without any directory: %v", err)
	}
}

func TestKeptFailureIsSmallAndPrivate(t *testing.T) {
	w := newWorld(t)
	long := problem.New(problem.Refused, "%s", strings.Repeat("\x00", 1<<20)).WithHint("%s", strings.Repeat("y", 1<<20))
	w.do(t.Context(), someID, fails(long))
	path := filepath.Join(w.run, someID+".failed")
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxFrame || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Fatalf("%v %v", info, err)
	}
	_, _, err = w.do(t.Context(), someID, gives("x"))
	p, _ := errors.AsType[*problem.Error](err)
	if p == nil || len(p.Message) > maxText+100 || len(p.Hint) > maxText {
		t.Errorf("%.100v", err)
	}
}

// Exit 0 with a failure in it, for one, would be success without credentials.
func TestWhatMakesNoSenseIsNoFailure(t *testing.T) {
	at := func(age time.Duration, code int, message string) string {
		data, err := json.Marshal(map[string]any{"time": time.Now().Add(-age), "code": code, "message": message})
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for name, tt := range map[string]struct {
		content string
		kept    bool
	}{
		"as it should be": {at(0, 7, "no"), true},
		"from the future": {at(-time.Hour, 7, "no"), false},
		"over":            {at(coolDown, 7, "no"), false},
		"exit 0":          {at(0, 0, "no"), false},
		"exit 2":          {at(0, 2, "no"), false},
		"without a word":  {at(0, 7, ""), false},
		"no time":         {`{"code":7,"message":"no"}`, false},
		"empty":           {"", false},
		"garbage":         {"\x00\xff{", false},
		"half":            {at(0, 7, "no")[:40], false},
		"another shape":   {`["no"]`, false},
		"endless":         {at(0, 7, strings.Repeat("x", maxFrame)), false},
	} {
		w := newWorld(t)
		if err := os.MkdirAll(w.run, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(w.run, someID+".failed"), []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, led, err := w.do(t.Context(), someID, gives("x")); led == tt.kept || (err != nil) != tt.kept {
			t.Errorf("%s: led %v, %v", name, led, err)
		}
	}
}

// A failure that can't be kept is the caller's all the same.
func TestFullDiskLosesNoFailure(t *testing.T) {
	w := newWorld(t)
	if err := os.MkdirAll(filepath.Join(w.run, someID+".failed", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, led, err := w.do(t.Context(), someID, fails(errRefused)); err != errRefused || !led {
		t.Errorf("%v %v", led, err)
	}
	if names, _ := filepath.Glob(w.run + "/.new-*"); names != nil || !strings.Contains(w.logged(), "not kept") {
		t.Errorf("left %v, said %q", names, w.logged())
	}
	if value, _, err := w.do(t.Context(), someID, gives("x")); string(value) != "x" {
		t.Error(err)
	}
}
