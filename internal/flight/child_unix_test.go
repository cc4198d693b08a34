//go:build unix

package flight

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const childMark = "WHICHROLE_FLIGHT_TEST_CHILD"

// testID is the id at which all meet, where a test needs no other.
var testID = strings.Repeat("0123456789abcdef", 2)

// order is what a child process is told to do.
type order struct {
	State   string        // its state directory
	Work    string        // what work does: see (order).work
	Told    bool          // work goes on when letGo says so,
	Takes   time.Duration // and then takes as long
	Timeout time.Duration // of its call; 30 s where it is zero
	DieAt   string        // kills itself where Log says what begins so
}

// report is what it says of its call.
type report struct {
	Value   string
	Led     bool
	Code    problem.Code
	Message string
	Hint    string
	Took    time.Duration
}

func TestMain(m *testing.M) {
	if told := os.Getenv(childMark); told != "" {
		var o order
		if err := json.Unmarshal([]byte(told), &o); err != nil {
			panic(err)
		}
		o.obey()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// obey says that it is there, waits for the end of stdin, calls Do once, and reports.
func (o order) obey() {
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(o.Timeout, 30*time.Second))
	defer cancel()
	g := &Group{Dirs: paths.Dirs{State: o.State}, Now: time.Now, Log: func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		fmt.Fprintln(os.Stderr, line)
		if o.DieAt != "" && strings.HasPrefix(line, o.DieAt) {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	}}
	if o.Work == "only the lock" {
		_, run, _ := g.Dirs.OpenRun()
		got, err := flock.New(filepath.Join(run, testID+".lock")).TryLock()
		fmt.Fprintln(os.Stderr, "holds it:", got, err)
		select {}
	}
	value, led, err := g.Do(ctx, testID, time.Time{}, whatever(o.work))
	r := report{Value: string(value), Led: led, Code: problem.CodeOf(err), Took: time.Since(start)}
	if p, ok := errors.AsType[*problem.Error](err); ok {
		r.Message, r.Hint = p.Message, p.Hint
	}
	json.NewEncoder(os.Stdout).Encode(r)
}

// work notes its begin and its end in the file "runs". Before that, "store" looks whether another has stored a value.
func (o order) work(ctx context.Context) ([]byte, error) {
	store := filepath.Join(o.State, "store")
	if o.Work == "store" {
		if data, err := os.ReadFile(store); err == nil {
			return data, nil
		}
	}
	note(o.State, "begin")
	defer note(o.State, "end")
	for o.Told && !exists(filepath.Join(o.State, "go")) && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	switch o.Work {
	case "refused":
		time.Sleep(o.Takes)
		return nil, problem.New(problem.Refused, "no").WithHint("ask nicely")
	case "usage":
		return nil, problem.New(problem.Usage, "mine alone")
	case "until the end":
		<-ctx.Done()
		return nil, problem.New(problem.Unreachable, "no answer in time").Because(ctx.Err())
	case "stop":
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	}
	time.Sleep(o.Takes)
	value := fmt.Appendf(nil, "made by %d", os.Getpid())
	if o.Work == "store" {
		if err := paths.WritePrivate(store, value); err != nil {
			return nil, err
		}
	}
	return value, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// letGo ends the works that are Told.
func letGo(t *testing.T, state string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(state, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func note(state, what string) {
	f, err := os.OpenFile(filepath.Join(state, "runs"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprintf(f, "%s %d\n", what, os.Getpid())
}

// runs are the lines that note has written.
func runs(t *testing.T, state string) (lines []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(state, "runs"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

func begun(t *testing.T, state string) (n int) {
	for _, line := range runs(t, state) {
		if strings.HasPrefix(line, "begin") {
			n++
		}
	}
	return n
}

// child is a process that obeys.
type child struct {
	*exec.Cmd
	gate io.WriteCloser
	out  buffer
	log  buffer
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// start starts n children, waits until they are there, and lets them go, all at once.
func start(t *testing.T, n int, o order) []*child {
	t.Helper()
	told, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	children := make([]*child, n)
	for i := range children {
		c := &child{Cmd: exec.Command(os.Args[0])}
		c.Env = append(os.Environ(), childMark+"="+string(told), "GORACE=atexit_sleep_ms=1")
		c.Stdout, c.Stderr = &c.out, &c.log
		if c.gate, err = c.StdinPipe(); err == nil {
			err = c.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Process.Kill(); c.Wait() })
		children[i] = c
	}
	for _, c := range children {
		until(t, "it is ready", func() bool { return strings.HasPrefix(c.out.String(), "ready\n") })
	}
	for _, c := range children {
		c.gate.Close()
	}
	return children
}

// meet starts n children, of which one works until the others wait for it.
func meet(t *testing.T, n int, o order) []report {
	t.Helper()
	o.Told, o.Takes = true, 150*time.Millisecond
	children := start(t, n, o)
	until(t, "all but one wait", func() bool {
		waiting := 0
		for _, c := range children {
			if strings.Contains(c.log.String(), "waiting for ") {
				waiting++
			}
		}
		return waiting == n-1
	})
	letGo(t, o.State)
	return reports(t, children)
}

// logged waits until all children have logged that.
func logged(t *testing.T, children []*child, what string) {
	t.Helper()
	for _, c := range children {
		until(t, "all say: "+what, func() bool { return strings.Contains(c.log.String(), what) })
	}
}

// reports waits for the children's ends.
func reports(t *testing.T, children []*child) []report {
	t.Helper()
	var list []report
	for _, c := range children {
		if err := c.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, c.log.String())
		}
		var r report
		if err := json.Unmarshal([]byte(strings.TrimPrefix(c.out.String(), "ready\n")), &r); err != nil {
			t.Fatalf("%v: %s", err, c.out.String())
		}
		list = append(list, r)
	}
	return list
}

func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// deep is a state directory whose path leaves no room for a socket.
func deep(t *testing.T) string { return filepath.Join(t.TempDir(), strings.Repeat("deep", 40)) }

// shallow is one that does: t.TempDir is too long where TMPDIR is.
func shallow(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "fl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// hold takes the lock of a lane as somebody who does nothing with it.
func hold(t *testing.T, state string, lockName string) *flock.Flock {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(state, "run"), 0o700); err != nil {
		t.Fatal(err)
	}
	l := flock.New(filepath.Join(state, "run", lockName))
	if got, err := l.TryLock(); !got || err != nil {
		t.Fatal(got, err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// atOnce runs all tests of a table at the same time: they wait, and take no processor.
func atOnce[T any](t *testing.T, table map[string]T, f func(*testing.T, T)) {
	t.Helper()
	var all sync.WaitGroup
	for name, tt := range table {
		all.Go(func() { t.Run(name, func(t *testing.T) { f(t, tt) }) })
	}
	all.Wait()
}
