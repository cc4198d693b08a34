//go:build unix

package flight

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/problem"
)

const twenty = 20

// values is what all got, without repetition, and how many of them ran work.
func values(t *testing.T, list []report) (distinct []string, led int) {
	t.Helper()
	for _, r := range list {
		if r.Code != 0 {
			t.Errorf("exit %d: %s", r.Code, r.Message)
		}
		if r.Led {
			led++
		}
		distinct = append(distinct, r.Value)
	}
	slices.Sort(distinct)
	return slices.Compact(distinct), led
}

func TestTwentyAtOnceAskOnceThoughNothingIsStored(t *testing.T) {
	state := shallow(t)
	list := meet(t, twenty, order{State: state, Work: "value"})
	got, led := values(t, list)
	if n := begun(t, state); n != 1 || led != 1 || len(got) != 1 || !strings.HasPrefix(got[0], "made by ") {
		t.Errorf("%d runs, %d led, values %q", n, led, got)
	}
}

// Where there can be no socket, the store is where they meet.
func TestTwentyAtOnceWithoutSocketsStoreOnce(t *testing.T) {
	state := deep(t)
	list := meet(t, twenty, order{State: state, Work: "store"})
	got, _ := values(t, list)
	if n := begun(t, state); n != 1 || len(got) != 1 {
		t.Errorf("%d runs, values %q", n, got)
	}
}

func TestWithNeitherSocketsNorStoreTheyTakeTurns(t *testing.T) {
	state := deep(t)
	list := reports(t, start(t, 8, order{State: state, Work: "value", Takes: 20 * time.Millisecond}))
	got, led := values(t, list)
	if len(got) != 8 || led != 8 {
		t.Errorf("%d led, values %q", led, got)
	}
	var inside string
	for _, line := range runs(t, state) {
		what, who, _ := strings.Cut(line, " ")
		if what == "begin" && inside != "" || what == "end" && inside != who {
			t.Fatalf("two at a time: %q", runs(t, state))
		}
		inside = map[string]string{"begin": who}[what]
	}
}

func TestFailureOfOneIsTheFailureOfAllThatWaited(t *testing.T) {
	for name, state := range map[string]string{"told": shallow(t), "kept": deep(t)} {
		t.Run(name, func(t *testing.T) {
			for _, r := range meet(t, twenty, order{State: state, Work: "refused"}) {
				message, _, _ := strings.Cut(r.Message, " (that was ")
				if r.Code != problem.Refused || message != "no" || r.Hint != "ask nicely" {
					t.Errorf("%+v", r)
				}
			}
			if n := begun(t, state); n != 1 {
				t.Errorf("%d runs", n)
			}
		})
	}
}

func TestFailureOfOnesOwnSettingsIsNobodyElses(t *testing.T) {
	state := shallow(t)
	for _, r := range reports(t, start(t, 5, order{State: state, Work: "usage"})) {
		if r.Code != problem.Usage || !r.Led {
			t.Errorf("%+v", r)
		}
	}
	if n := begun(t, state); n != 5 {
		t.Errorf("%d runs", n)
	}
}

func TestDeadLeaderIsFollowedByOneOfThoseThatWaited(t *testing.T) {
	type death struct {
		leader   order
		begun    int // runs of the leader
		followed int // runs of the others
	}
	atOnce(t, map[string]death{
		"before it listens":   {order{Work: "only the lock"}, 0, 1},
		"while it works":      {order{Work: "until the end"}, 1, 1},
		"with all handed out": {order{Work: "value", Told: true, Takes: 150 * time.Millisecond, DieAt: "handed it to 5"}, 1, 0},
	}, func(t *testing.T, d death) {
		state := shallow(t)
		d.leader.State = state
		leader := start(t, 1, d.leader)
		if d.begun == 0 {
			logged(t, leader, "holds it: true <nil>")
		}
		until(t, "it leads", func() bool { return begun(t, state) == d.begun })
		others := start(t, 5, order{State: state, Work: "value", Takes: 150 * time.Millisecond})
		logged(t, others, "waiting for ")
		if d.leader.Told {
			letGo(t, state)
		} else {
			leader[0].Process.Kill()
		}
		got, led := values(t, reports(t, others))
		for _, c := range others {
			if strings.Contains(c.log.String(), "passed over") { // that would be for one that is stopped
				t.Error(c.log.String())
			}
		}
		if n := begun(t, state); len(got) != 1 || led != d.followed || n != d.begun+d.followed {
			t.Errorf("values %q, %d led, %d runs", got, led, n)
		}
		if err := leader[0].Wait(); err == nil {
			t.Error("it did not die")
		}
		if next := reports(t, start(t, 1, order{State: state, Work: "value"}))[0]; !next.Led || next.Code != 0 {
			t.Errorf("the next one: %+v", next)
		}
	})
}

// Ctrl-Z: it keeps the lock and does nothing, for hours.
func TestStoppedLeaderIsPassedOver(t *testing.T) {
	type stop struct{ state, others string }
	atOnce(t, map[string]stop{
		"told by its silence":     {shallow(t), "value"},
		"without sockets by time": {deep(t), "store"},
	}, func(t *testing.T, s stop) {
		leader := start(t, 1, order{State: s.state, Work: "stop"})
		pid := leader[0].Process.Pid
		until(t, "it leads", func() bool { return begun(t, s.state) == 1 })
		others := start(t, 5, order{State: s.state, Work: s.others, Takes: 150 * time.Millisecond, Timeout: 6 * time.Second})
		got, led := values(t, reports(t, others))
		if n := begun(t, s.state); len(got) != 1 || s.others == "value" && led != 1 || n != 2 {
			t.Errorf("values %q, %d led, %d runs", got, led, n)
		}
		logged(t, others, fmt.Sprintf("process %d ", pid))

		leader[0].Process.Signal(syscall.SIGCONT)
		if r := reports(t, leader)[0]; r.Code != 0 || r.Value != fmt.Sprintf("made by %d", pid) {
			t.Errorf("when it goes on: %+v", r)
		}
		next := start(t, 1, order{State: s.state, Work: "value"})
		if r := reports(t, next)[0]; !r.Led || strings.Contains(next[0].log.String(), "waiting") {
			t.Errorf("the next one: %+v, %s", r, next[0].log.String())
		}
	})
}

// All lanes full of stopped ones: better one more call than no credentials.
func TestNobodyIsKeptFromAskingForEver(t *testing.T) {
	state := shallow(t)
	for _, name := range []string{testID + ".lock", testID + ".1.lock", testID + ".2.lock"} {
		hold(t, state, name)
	}
	c := start(t, 1, order{State: state, Work: "value", Timeout: 4 * time.Second})
	if r := reports(t, c)[0]; !r.Led || r.Code != 0 {
		t.Errorf("%+v", r)
	}
	logged(t, c, "no other process is waited for any longer")
}

func TestLeaderThatRunsOutOfTimeSaysNothingAboutTheOthers(t *testing.T) {
	state := shallow(t)
	leader := start(t, 1, order{State: state, Work: "until the end", Timeout: 2 * time.Second})
	until(t, "it leads", func() bool { return begun(t, state) == 1 })
	got, led := values(t, reports(t, start(t, 5, order{State: state, Work: "value", Takes: time.Second})))
	if n := begun(t, state); len(got) != 1 || led != 1 || n != 2 {
		t.Errorf("values %q, %d led, %d runs", got, led, n)
	}
	if r := reports(t, leader)[0]; r.Code != problem.Unreachable || r.Message != "no answer in time" {
		t.Errorf("the leader: %+v", r)
	}
	if left, _ := filepath.Glob(state + "/run/*.failed"); left != nil {
		t.Errorf("kept: %v", left)
	}
}

// Twenty that were started together run out of time together: each would make a call that it can't wait for.
func TestOneWithoutTimeDoesNotTryForItself(t *testing.T) {
	w := newWorld(t)
	end := make(chan struct{})
	leader := w.leadWith(t.Context(), func(context.Context) ([]byte, error) { <-end; return nil, errors.New("for nobody else") })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	w.forward.Store(int64(10*time.Second - worthwhile/2)) // by the clock, half of that is left
	other := w.waitWith(t, ctx, gives("mine"))
	close(end)
	leader()
	if _, led, err := other(); problem.CodeOf(err) != problem.Unreachable || led || !strings.Contains(err.Error(), "has ended without") {
		t.Errorf("%v %v", led, err)
	}
}

func TestSlowLeaderIsWaitedFor(t *testing.T) {
	state := shallow(t)
	list := reports(t, start(t, 3, order{State: state, Work: "value", Takes: beatEvery*maxMissed + time.Second}))
	got, led := values(t, list)
	if n := begun(t, state); n != 1 || led != 1 || len(got) != 1 {
		t.Errorf("%d runs, %d led, values %q", n, led, got)
	}
}

func TestThoseThatComeAtTheLastMomentAreServed(t *testing.T) {
	w := newWorld(t)
	for range 50 {
		var late []net.Conn
		w.do(t.Context(), someID, func(context.Context) ([]byte, error) {
			for range 5 {
				conn, err := net.Dial("unix", w.socket())
				if err != nil {
					t.Fatal(err)
				}
				late = append(late, conn)
			}
			return []byte("value"), nil
		})
		for _, conn := range late {
			said, err := io.ReadAll(conn)
			conn.Close()
			if !bytes.HasSuffix(said, frame{isValue, []byte("value")}.bytes()) {
				t.Fatalf("it was told %q, %v", said, err)
			}
		}
	}
}

func TestWaitingEndsWithOnesOwnTimeAndNamesTheOther(t *testing.T) {
	state := shallow(t)
	leader := start(t, 1, order{State: state, Work: "until the end"})
	until(t, "it leads", func() bool { return begun(t, state) == 1 })
	c := start(t, 1, order{State: state, Work: "value", Timeout: time.Second})
	r, pid := reports(t, c)[0], leader[0].Process.Pid
	want := fmt.Sprintf("process %d is still getting these credentials after 1s of waiting", pid)
	if r.Code != problem.Unreachable || r.Message != want || !strings.Contains(r.Hint, "NO_PROXY") || r.Took > 10*time.Second {
		t.Errorf("%+v", r)
	}
	logged(t, c, fmt.Sprintf("waiting for process %d, which is getting these credentials", pid))
}

// The lock file names it, where nobody can be asked.
func TestHolderIsNamedWithoutASocketToo(t *testing.T) {
	state := deep(t)
	leader := start(t, 1, order{State: state, Work: "store", Told: true})
	until(t, "it leads", func() bool { return begun(t, state) == 1 })
	c := start(t, 1, order{State: state, Work: "store"})
	logged(t, c, fmt.Sprintf("waiting for process %d, which is getting these credentials", leader[0].Process.Pid))
	letGo(t, state)
	got, _ := values(t, reports(t, append(c, leader...)))
	if len(got) != 1 || begun(t, state) != 1 {
		t.Errorf("values %q", got)
	}
}

func TestGoroutinesOfOneProcessMeetToo(t *testing.T) {
	w := newWorld(t)
	var asked, led atomic.Int32
	var all sync.WaitGroup
	for range twenty {
		all.Go(func() {
			value, mine, err := w.do(t.Context(), someID, func(context.Context) ([]byte, error) {
				until(t, "the others wait", func() bool { return strings.Count(w.logged(), "waiting for ") == twenty-1 })
				time.Sleep(100 * time.Millisecond)
				return fmt.Appendf(nil, "value %d", asked.Add(1)), nil
			})
			if string(value) != "value 1" || err != nil {
				t.Errorf("%q %v", value, err)
			}
			if mine {
				led.Add(1)
			}
		})
	}
	all.Wait()
	if asked.Load() != 1 || led.Load() != 1 {
		t.Errorf("%d runs, %d led", asked.Load(), led.Load())
	}
}

func TestValueThatIsTooLargeIsNotHandedOver(t *testing.T) {
	for _, size := range []int{maxFrame, maxFrame + 1} {
		w := newWorld(t)
		now := make(chan struct{})
		leader := w.leadWith(t.Context(), func(context.Context) ([]byte, error) { <-now; return make([]byte, size), nil })
		other := w.waitWith(t, t.Context(), gives("mine"))
		close(now)
		leader()
		if value, led, err := other(); led != (size > maxFrame) || err != nil || !led && len(value) != size {
			t.Errorf("%d: %d bytes, led %v, %v", size, len(value), led, err)
		}
	}
}
