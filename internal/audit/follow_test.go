package audit

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// follow collects the environments of what is followed, until there are n.
func follow(t *testing.T, l Log, n int, caughtUp func(), each func(i int)) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var got []string
	notOld := func(l Line) bool { return !strings.HasPrefix(l.Environment, "old") }
	for line, err := range l.Follow(ctx, time.Time{}, notOld, caughtUp) {
		must(t, err)
		got = append(got, line.Environment)
		if each(len(got)); len(got) == n {
			return got
		}
	}
	t.Fatalf("only %v came", got)
	return nil
}

func TestFollowGoesOnWithoutAGapOrARepetition(t *testing.T) {
	l := logIn(t)
	must(t, l.Append(Line{Environment: "1"}))
	must(t, l.Append(Line{Environment: "2"}))
	got := follow(t, l, 6, func() {}, func(n int) {
		if n >= 2 {
			must(t, l.Append(Line{Environment: fmt.Sprint(n + 1)}))
		}
	})
	if want := []string{"1", "2", "3", "4", "5", "6"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// It begins where there is no file yet, and goes on in the next ones; what a late writer adds to a file that was put aside comes too.
func TestFollowAcrossFilesThatArePutAside(t *testing.T) {
	l := logIn(t)
	go func() {
		time.Sleep(2 * pause)
		l.Append(Line{Environment: "0"})
	}()
	got := follow(t, l, 6, func() {}, func(n int) {
		if n == 3 {
			add(t, l.file(1), Line{Time: noon, Environment: "late"}.encode())
			return
		}
		if n == 5 {
			must(t, l.Append(Line{Environment: "end"}))
			return
		}
		fill(t, l, "old")
		must(t, l.Append(Line{Environment: fmt.Sprint(n), Refused: strings.Repeat("x", maxText)}))
	})
	if want := []string{"0", "1", "2", "late", "4", "end"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFollowWaitsForTheRestOfALine(t *testing.T) {
	l := logIn(t)
	must(t, l.Append(Line{Environment: "first"}))
	data := Line{Time: noon, Environment: "in two"}.encode()
	add(t, l.Path(), data[:20])
	caughtUp := 0
	got := follow(t, l, 2, func() { caughtUp++; add(t, l.Path(), data[20:]) }, func(int) {})
	if got[1] != "in two" || caughtUp != 1 {
		t.Errorf("got %v, caught up %d times", got, caughtUp)
	}
}

// Who empties the file by hand, or an editor that writes it anew, has what comes after followed from its beginning.
func TestFollowAcrossAFileThatIsCutShort(t *testing.T) {
	l := logIn(t)
	for _, name := range []string{"1", "2"} {
		must(t, l.Append(Line{Environment: name}))
	}
	got := follow(t, l, 3, func() {}, func(n int) {
		if n == 2 {
			must(t, os.Truncate(l.Path(), 0))
			must(t, l.Append(Line{Environment: "3"}))
		}
	})
	if want := []string{"1", "2", "3"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFollowEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(pause/2, cancel)
	for range logIn(t).Follow(ctx, time.Time{}, nil, func() {}) {
		t.Error("something out of nothing")
	}
}
