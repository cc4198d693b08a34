package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/paths"
)

func TestExecutableThatIsDeleted(t *testing.T) {
	remove := func(path string) error { return os.Remove(path) }
	for story, tt := range map[string]struct {
		name, want string
		change     func(path string) error
	}{
		"removed":                    {"terraform", "terraform", remove},
		"called so":                  {"evil (deleted)", "evil", func(string) error { return nil }},
		"called so and removed":      {"evil (deleted)", "evil (deleted)", remove}, // the kernel's own word is cut
		"another has its name":       {"terraform", "terraform", func(p string) error { return os.WriteFile(p+"~", nil, 0o700) }},
		"the other is called so":     {"terraform", "terraform", func(p string) error { return errors.Join(os.Remove(p), os.WriteFile(p+" (deleted)", nil, 0o700)) }},
		"another link to it is left": {"terraform", "terraform", func(p string) error { return errors.Join(os.Link(p, p+"~"), os.Remove(p)) }},
		"upgraded":                   {"terraform", "terraform", func(p string) error { return errors.Join(os.WriteFile(p+"~", nil, 0o700), os.Rename(p+"~", p)) }},
	} {
		t.Run(story, func(t *testing.T) {
			path := program(t, t.TempDir(), tt.name)
			got := tree(t, []step{{Path: path, Args: []string{"x"}}, last(t)}, func(cmd *exec.Cmd) {
				child(t, cmd.Process.Pid)
				must(t, tt.change(path))
			})
			if p := nearest(t, got); p.Name != tt.want {
				t.Errorf("got %v", p)
			}
		})
	}
}

// child waits until a process has one that runs.
func child(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for _, other := range pids(t) {
			if p, _ := look(other); p.parent == pid && len(p.Args) > 0 && p.Args[0] == "whichrole" {
				return
			}
		}
	}
	t.Fatal("no child was started")
}

func pids(t *testing.T) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	must(t, err)
	var all []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

// deep runs the test binary below that many shells.
const deep = `down() { if [ "$1" = 0 ]; then "$TEST_BINARY"; else ( down $(($1 - 1)); : ); fi; }; down "$1"; :`

func TestDeepTree(t *testing.T) {
	exe := last(t).Path
	t.Setenv("TEST_BINARY", exe)
	began := time.Now()
	got := tree(t, []step{{Path: "/bin/sh", Args: []string{"sh", "-c", deep, "sh", "70"}}, last(t)}, nil)
	if len(got.Callers) != 64 || got.Ended != "there are more than 64" {
		t.Errorf("%d callers, %q", len(got.Callers), got.Ended)
	}
	seen := map[int]bool{}
	for _, p := range got.Callers {
		seen[p.PID] = true
	}
	if len(seen) != len(got.Callers) || time.Since(began) > 20*time.Second {
		t.Errorf("%d different ones, %v", len(seen), time.Since(began))
	}
}

func TestSameAsPS(t *testing.T) {
	if _, err := exec.LookPath("ps"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no ps: apt-get install procps")
		}
		t.Skip("there is no ps")
	}
	pid := os.Getpid()
	for _, p := range Callers(nil).Callers {
		if parent := ps(t, "ppid", pid); parent != strconv.Itoa(p.PID) {
			t.Errorf("above %d is %d, and ps says %s", pid, p.PID, parent)
		}
		pid = p.PID
		seen, err := look(pid)
		if err != nil || seen.title != ps(t, "comm", pid) || seen.Name != p.Name {
			t.Errorf("%d is called %q, and ps says %q; %v", pid, seen.title, ps(t, "comm", pid), err)
		}
	}
}

// ps is one column of one process.
func ps(t *testing.T, column string, pid int) string {
	t.Helper()
	out, err := exec.Command("ps", "-ww", "-o", column+"=", "-p", strconv.Itoa(pid)).Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

// Any process may be looked at: the kernel's, those of others, those that have ended.
func TestEveryProcessHasANameOrAReason(t *testing.T) {
	names := 0
	for _, pid := range pids(t) {
		p, err := look(pid)
		if err == nil && (p.Name == "" || p.PID != pid) {
			t.Errorf("process %d: %v", pid, p)
		}
		if err == nil {
			names++
		}
		if strings.HasPrefix(p.title, "kworker/") && p.parent == 2 && !errors.Is(err, errNoProgram) && !errors.Is(err, errForeign) {
			t.Errorf("the kernel's %v: %v", p, err)
		}
	}
	if names == 0 {
		t.Error("not even the test has one")
	}
}

func TestProcessThatHasEndedAndIsNotYetNoticed(t *testing.T) {
	cmd := exec.Command("sh", "-c", ":")
	must(t, cmd.Start())
	defer cmd.Wait()
	var p seen
	var err error
	for end := time.Now().Add(20 * time.Second); !errors.Is(err, errNoProgram) && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		p, err = look(cmd.Process.Pid)
	}
	if !errors.Is(err, errNoProgram) || p.title != "sh" {
		t.Errorf("got %v %q, %v", p, p.title, err)
	}
}

// The directory of a process stays its own, whoever gets its number.
func TestProcessThatEndsWhileItIsRead(t *testing.T) {
	cmd := exec.Command("sleep", "100")
	must(t, cmd.Start())
	dir, err := open(fmt.Sprintf("/proc/%d", cmd.Process.Pid))
	must(t, err)
	defer syscall.Close(dir)
	if _, err := status(dir); err != nil {
		t.Error(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if _, err := status(dir); !errors.Is(known(err), errGone) {
		t.Errorf("got %v", err)
	}
}

// asOther is a tree whose last looks as another user. What it runs must be within reach of that one: the test binary is not.
func asOther(t *testing.T, first step) Chain {
	t.Helper()
	first.Path, first.Args, first.User = last(t).Path, []string{"sudo"}, 65534
	looks := last(t)
	looks.Path = "/proc/self/exe"
	return tree(t, []step{first, looks}, nil)
}

func TestCallerOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 { // only root can start a process of another user; the system's first is there for everybody
		if info, err := os.Stat("/proc/1"); err == nil && paths.OwnedByMe(info) {
			return
		}
		if _, err := look(1); !errors.Is(err, errForeign) && !errors.Is(err, errGone) {
			t.Errorf("root's first process: %v", err)
		}
		return
	}
	got := asOther(t, step{})
	if len(got.Callers) != 0 || !strings.Contains(got.Ended, "is another user's") || !strings.Contains(got.Ended, "process.test") {
		t.Errorf("got %v, %q", got.Callers, got.Ended)
	}
}

func TestCallerThatHidepidHides(t *testing.T) {
	try := exec.Command("true")
	try.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if err := try.Run(); err != nil {
		t.Logf("only root outside a container can mount, and TestWalk knows the words: %v", err)
		return
	}
	got := asOther(t, step{HidePS: true})
	if len(got.Callers) != 0 || !strings.HasSuffix(got.Ended, " is gone, or hidden") {
		t.Errorf("got %v, %q", got.Callers, got.Ended)
	}
}

func TestParseStat(t *testing.T) {
	rest := " S 17 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1000 2"
	for story, tt := range map[string]struct {
		stat string
		want string // title parent started
	}{
		"as it is":                  {"5 (sh)" + rest + " 4 5\n", `"sh" 17 4711`},
		"a title like what follows": {"5 () R 1 ()" + rest, `") R 1 (" 17 4711`},
		"a title of several lines":  {"5 (a\nb) S 1 2\n3)" + rest, `"a\nb) S 1 2\n3" 17 4711`},
		"no title":                  {"5 ()" + rest, `"" 17 4711`},
		"cut":                       {"5 (sh) S 17 1 1 0 -1", ""},
		"cut in the title":          {"5 (sh", ""},
		"turned round":              {"5 )sh(" + rest, ""},
		"no parent":                 {"5 (sh)" + strings.Replace(rest, "17", "x", 1), ""},
		"started before":            {"5 (sh)" + strings.Replace(rest, "4711", "-1", 1), ""},
		"nothing":                   {"", ""},
	} {
		t.Run(story, func(t *testing.T) {
			p, err := parse([]byte(tt.stat))
			got := fmt.Sprintf("%q %d %d", p.title, p.parent, p.Started)
			if tt.want == "" && errors.Is(err, errStat) && got == `"" 0 0` {
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

func TestErrorsOfProc(t *testing.T) {
	for err, want := range map[error]error{
		&os.PathError{Op: "open", Path: "/proc/7", Err: syscall.ENOENT}:       errGone,
		&os.PathError{Op: "read", Path: "stat", Err: syscall.ESRCH}:           errGone,
		&os.PathError{Op: "open", Path: "/proc/7", Err: syscall.EPERM}:        errForeign, // hidepid=1
		&os.PathError{Op: "readlink", Path: "exe", Err: syscall.EACCES}:       errForeign,
		&os.PathError{Op: "readlink", Path: "exe", Err: syscall.ENAMETOOLONG}: syscall.ENAMETOOLONG,
	} {
		if got := known(err); got != want {
			t.Errorf("%v: got %v, want %v", err, got, want)
		}
	}
}
