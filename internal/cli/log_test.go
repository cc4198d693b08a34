package cli

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whichrole/internal/audit"
	"whichrole/internal/paths"
)

// untilSeen is a stdout whose reader goes away when it has seen what it waits for.
type untilSeen struct {
	text  strings.Builder
	until string
	seen  func() // each write
}

var errGone = errors.New("nobody reads any more")

func (w *untilSeen) Write(p []byte) (int, error) {
	w.text.Write(p)
	if w.seen(); strings.Contains(w.text.String(), w.until) {
		return 0, errGone
	}
	return len(p), nil
}

func TestLogFollowsUntilNobodyReads(t *testing.T) {
	for _, json := range []bool{false, true} {
		home := t.TempDir()
		dirs := paths.Dirs{Home: home, State: filepath.Join(home, "state"), Config: filepath.Join(home, "config")}
		noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		trail := audit.Log{Dir: dirs.State, Now: func() time.Time { return noon }}
		written := 0
		add := func(environment string) {
			if err := trail.Append(audit.Line{Environment: environment, Dir: filepath.Join(home, "infra")}); err != nil {
				t.Error(err)
			}
			written++
		}
		add("first")
		out := &untilSeen{until: "a-longer-name"}
		out.seen = func() {
			if text := out.text.String(); written == 1 && (json && strings.Contains(text, "first") || strings.Contains(text, "the file is")) {
				add("second")
				add("elsewhere")
				add("a-longer-name")
			}
		}
		a := &app{stdout: out, stderr: &strings.Builder{}, env: paths.Env{}, dirs: dirs, now: trail.Now, options: &options{}}
		ended := make(chan error, 1)
		go func() { ended <- (&logCmd{Follow: true, JSON: json}).Run(a) }()
		select {
		case err := <-ended:
			if !errors.Is(err, errGone) {
				t.Errorf("%v", err)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("it does not end")
		}
		text := out.text.String()
		for _, want := range []string{"first", "second", "elsewhere", "a-longer-name"} {
			if strings.Count(text, want) != 1 {
				t.Errorf("%s is not there once:\n%s", want, text)
			}
		}
		lines := strings.Split(strings.TrimSpace(text), "\n")
		if json == strings.Contains(text, "ENVIRONMENT") || json != strings.HasPrefix(lines[0], "{") {
			t.Errorf("got\n%s", text)
		}
		if first, second := lines[min(1, len(lines)-1)], lines[min(3, len(lines)-1)]; !json && strings.Index(first, "~") != strings.Index(second, "~") {
			t.Errorf("the columns do not hold:\n%s", text)
		}
	}
}

// A disk that is full, or a reader that is gone, ends the following, also where nothing else comes.
func TestLogFollowsNotIntoAFullDisk(t *testing.T) {
	for _, lines := range []int{0, 1} {
		dirs := paths.Dirs{Home: t.TempDir()}
		dirs.State, dirs.Config = filepath.Join(dirs.Home, "state"), filepath.Join(dirs.Home, "config")
		for range lines {
			if err := (audit.Log{Dir: dirs.State, Now: time.Now}).Append(audit.Line{Environment: "qa"}); err != nil {
				t.Fatal(err)
			}
		}
		a := &app{stdout: &untilSeen{seen: func() {}}, stderr: &strings.Builder{}, env: paths.Env{}, dirs: dirs, now: time.Now, options: &options{}}
		ended := make(chan error, 1)
		go func() { ended <- (&logCmd{Follow: true}).Run(a) }()
		select {
		case err := <-ended:
			if !errors.Is(err, errGone) {
				t.Errorf("%v", err)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("it does not end")
		}
	}
}

func TestSinceWhen(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, zone)
	for text, want := range map[string]time.Time{
		"30m": now.Add(-30 * time.Minute), "1h30m": now.Add(-90 * time.Minute), "3d": now.Add(-72 * time.Hour), "99999999999d": now.Add(-2_400_000 * time.Hour),
		"1w": now.Add(-168 * time.Hour), "2026-11-20": time.Date(2026, 11, 20, 0, 0, 0, 0, zone), "2026-11-22T10:30": now.Add(-90 * time.Minute),
		"2026-11-22 10:30:00": now.Add(-90 * time.Minute), "2026-11-22T10:30:00Z": now.Add(-30 * time.Minute),
	} {
		if got, err := sinceWhen(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "yesterday", "-3h", "-3d", "3", "1.5d", "NaNd", "2026-13-01", "d"} {
		if got, err := sinceWhen(text, now); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
