//go:build linux

package faults

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/test/fakests"
)

// leader is a process that waits for STS, which never answers it but would answer the next one.
func (w *world) leader(variables ...string) *process {
	w.t.Helper()
	w.faults(fakests.Fault{Kind: fakests.Hang, Times: 1})
	p := w.ask("qa", variables...).begin()
	w.asked(1)
	return p
}

// settle gives those that were begun the time to get to where they wait.
func settle() { time.Sleep(time.Second) }

func TestOthersGoOnWhenTheLeaderIsKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leader := w.leader()
	others := w.begin(many-1, "qa")
	settle()
	leader.signal(syscall.SIGKILL)
	if ids := others.served(time.Second + slack); len(ids) != 1 {
		t.Errorf("%d sessions were handed out", len(ids))
	}
	w.calls(2, 2)
}

// A leader can be killed before it has the lock, before and while STS is asked, while it stores and hands over what it got,
// and after that. The others get credentials, and what was stored is whole.
func TestOthersGoOnWheneverTheLeaderIsKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.slow(20 * time.Millisecond)
	for moment := range 16 {
		before := w.sts.Count("")
		leader := w.ask("qa").begin()
		others := w.begin(4, "qa")
		time.Sleep(time.Duration(moment) * 4 * time.Millisecond)
		leader.signal(syscall.SIGKILL)
		others.served(slack)
		w.ask("qa").begin().served(slack)
		w.calls(before+1, before+2)
		files, _ := filepath.Glob(filepath.Join(w.runtime, "whichrole", "credential-*"))
		if len(files) != 1 {
			t.Fatalf("there is %s, want one entry", files)
		}
		w.must(os.Remove(files[0])) // and cold once more
	}
}

// Ctrl-Z of a Terraform run, in another terminal: the lock is held by one that does nothing.
func TestOthersGoOnWhenTheLeaderIsStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const patience = 6 * time.Second
	leader := w.leader("WHICHROLE_TIMEOUT=" + patience.String())
	leader.signal(syscall.SIGSTOP)
	others := w.begin(many-1, "qa", "WHICHROLE_TIMEOUT="+patience.String())
	if ids := others.served(patience + time.Second + slack); len(ids) != 1 {
		t.Errorf("%d sessions were handed out", len(ids))
	}
	w.calls(2, 2)
	leader.signal(syscall.SIGCONT)
	leader.fails(8, tooLong) // it has no time left, and its call no answer
	w.ask("qa").begin().served(slack)
	w.calls(2, 2)
}

// What a call to STS that fails in one process's short time came to says nothing about those that have more.
func TestShortTemperedLeaderFailsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leader := w.leader("WHICHROLE_TIMEOUT=2s")
	others := w.begin(many-1, "qa")
	leader.fails(8, 3*time.Second+slack)
	if ids := others.served(3*time.Second + slack); len(ids) != 1 {
		t.Errorf("%d sessions were handed out", len(ids))
	}
	w.calls(2, 2)
}

// Who can't wait as long as the leader fails in its own time, and says whom it waited for; the leader is not disturbed.
func TestShortTemperedWaitersFailAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.slow(6 * time.Second)
	leader := w.ask("qa").begin()
	w.asked(1)
	others := w.begin(many-1, "qa", "WHICHROLE_TIMEOUT=2s")
	others.fails(8, 3*time.Second+slack)
	for _, p := range others {
		if !strings.Contains(p.stderr.String(), "process "+strconv.Itoa(leader.pid())) {
			t.Errorf("it waited for process %d, and says %s", leader.pid(), &p.stderr)
		}
	}
	leader.served(6*time.Second + slack)
	w.calls(1, 1)
}

func TestShortTemperedWaitersGetWhatIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.ask("qa").begin().served(slack)
	w.age(45 * time.Minute)
	w.slow(6 * time.Second)
	leader := w.ask("qa").begin()
	w.asked(2)
	if ids := w.begin(many-1, "qa", "WHICHROLE_TIMEOUT=2s").served(3*time.Second + slack); len(ids) != 1 || ids[0] != first {
		t.Errorf("%v were served, and %s was left", ids, first)
	}
	if leader.served(6*time.Second+slack) == first {
		t.Error("the leader has not renewed it")
	}
	w.calls(2, 2)
}

func TestWaiterNamesTheProcessItWaitsFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.slow(2 * time.Second)
	leader := w.ask("qa").begin()
	w.asked(1)
	waiter := w.ask("qa", "WHICHROLE_VERBOSE=1").begin().wait()
	if want := "waiting for process " + strconv.Itoa(leader.pid()); waiter.code() != 0 || !strings.Contains(waiter.stderr.String(), want) {
		t.Errorf("exit %d, want 0 with %q: %s", waiter.code(), want, &waiter.stderr)
	}
	leader.served(2*time.Second + slack)
	w.calls(1, 1)
}

func TestKeysDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.faults(fakests.Fault{Kind: fakests.Hang, Role: "arn:aws:iam::222222222222:role/qa"})
	qa := w.begin(many/2, "qa")
	w.asked(1)
	w.begin(many/2, "production").served(slack)
	for _, p := range qa {
		if !p.running() {
			t.Errorf("a process of qa has ended with %d: this test shows nothing", p.code())
		}
	}
	w.calls(2, 2)
}

// Ctrl-C goes to all that the terminal's command has started.
func TestCtrlCEndsAllAtOnce(t *testing.T) {
	t.Parallel()
	for what, fault := range map[string]func(*testing.T, *world){
		"in STS":   func(_ *testing.T, w *world) { plays(fakests.Hang)(w) },
		"in D-Bus": silentBus,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			address := w.env["DBUS_SESSION_BUS_ADDRESS"]
			fault(t, w)
			var group crowd
			for range many {
				p := w.ask("qa")
				p.cmd.SysProcAttr.Setpgid = true
				if len(group) > 0 {
					p.cmd.SysProcAttr.Pgid = group[0].pid()
				}
				group = append(group, p.begin())
			}
			time.Sleep(400 * time.Millisecond) // looking for the keyring alone takes 1 s
			pressed := time.Now()
			w.must(syscall.Kill(-group[0].pid(), syscall.SIGINT))
			for _, p := range group {
				p.wait()
				if p.code() == 0 || p.stdout.Len() > 0 {
					p.wrong("exit %d with %d bytes on stdout, though it was interrupted", p.code(), p.stdout.Len())
				}
			}
			if took := time.Since(pressed); took > time.Second {
				t.Errorf("they ended %s after Ctrl-C", took)
			}
			w.faults()
			w.env["DBUS_SESSION_BUS_ADDRESS"] = address
			before := w.settled()
			w.ask("qa").begin().served(slack)
			w.calls(before+1, before+1)
		})
	}
}

// settled is how often STS was asked, once no more calls of those that have ended arrive: one that took over may have died while
// its request was on the way.
func (w *world) settled() int {
	for n := w.sts.Count(""); ; {
		time.Sleep(200 * time.Millisecond)
		again := w.sts.Count("")
		if again == n {
			return n
		}
		n = again
	}
}
