package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestEachCallerIsCalledAsItsFile(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		t.Skip("not known here")
	}
	names := []string{"terraform_1.11.0", "Terraform v1", "evil (1)", "terraform-provider-aws_v5.100.0_x5"}
	if runtime.GOOS != "windows" {
		names = append(names, ") R 1 (", "a\nb\x1b[2K", `a\nb`)
	}
	if runtime.GOOS == "linux" { // elsewhere names are text
		names = append(names, "\xff\xfe")
	}
	dir := t.TempDir()
	var plan []step
	for i, name := range names {
		plan = append(plan, step{Path: program(t, dir, exe(name)), Args: []string{"terraform", fmt.Sprint(i)}}) // argv[0] names nothing
	}
	got := tree(t, append(plan, last(t)), nil)
	callers := got.Callers
	if len(callers) <= len(names) {
		t.Fatalf("%d callers, %s", len(callers), got.Ended)
	}
	for i, name := range names {
		p := callers[len(names)-1-i]
		if p.Name != exe(name) || !p.has(plan[i].Args) {
			t.Errorf("%s: got %q %q", exe(name), p.Name, p.Args)
		}
	}
	me, _ := os.Executable()
	if p := callers[len(names)]; p.PID != os.Getpid() || p.Name != filepath.Base(me) || !p.has(os.Args) {
		t.Errorf("above them is not the test: %v %q", p, p.Args)
	}
	own, err := look(os.Getpid())
	if p := callers[len(names)]; err != nil && !blind || p.Started != own.Started || p.Started == 0 || callers[0].Started < p.Started {
		t.Errorf("started %d, and sees itself %d, %v", p.Started, own.Started, err)
	}
}

func TestArguments(t *testing.T) {
	args := []string{"", "plan", "", "-var=x=\"a b\"", `C:\dir\`, "two\nlines", "é世", "-chdir=a b", ""}
	if runtime.GOOS != "windows" { // where no program has an empty name, and text is UTF-16
		args = append(args, "\xff")
	} else {
		args[0] = "terraform"
	}
	first := last(t)
	first.Args = args
	got := tree(t, []step{first, last(t)}, nil)
	if p := nearest(t, got); !p.has(args) {
		t.Errorf("got %q, want %q", p.Args, args)
	}
}

// On Windows a process keeps the number of its parent for ever, elsewhere it gets another parent.
func TestCallerThatDied(t *testing.T) {
	first := last(t)
	first.Leave = true
	var dead int
	got := tree(t, []step{first, last(t)}, func(cmd *exec.Cmd) {
		dead = cmd.Process.Pid
		must(t, cmd.Wait())
	})
	for _, p := range got.Callers {
		if p.PID == dead {
			t.Errorf("the dead one is among the callers: %v", got.Callers)
		}
	}
	if _, err := look(dead); !errors.Is(err, errGone) {
		t.Errorf("the dead one: %v", err)
	}
	if want := fmt.Sprintf("process %d is gone, or hidden", dead); runtime.GOOS == "windows" && got.Ended != want {
		t.Errorf("got %q, want %q", got.Ended, want)
	}
}

func TestHugeCommandLineIsCut(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a command line ends at 64 KiB there")
	}
	first := last(t)
	first.Args = []string{"terraform", "plan"}
	for range 60 { // 1.8 MB
		first.Args = append(first.Args, strings.Repeat("x", 30_000))
	}
	got := tree(t, []step{first, last(t)}, nil)
	if p := nearest(t, got); !p.has(first.Args[:4]) { // two whole ones, and no half
		t.Errorf("got %d arguments", len(p.Args))
	}
}

// world is processes by number, for what no test can bring about.
type world map[int]seen

func (w world) look(pid int) (seen, error) {
	p, ok := w[pid]
	if !ok {
		return seen{}, errGone
	}
	p.PID = pid
	return p, nil
}

func started(parent int, at uint64) seen { return seen{parent: parent, Process: Process{Started: at}} }

func TestWalk(t *testing.T) {
	endless := world{}
	for i := range 100 {
		endless[i+1] = started(i+2, 5)
	}
	for story, tt := range map[string]struct {
		world world
		count int
		ended string
	}{
		"up to the top":                             {world{5: started(1, 3), 1: started(0, 0)}, 2, ""},
		"nobody":                                    {world{}, 0, "process 5 is gone, or hidden"},
		"the parent's number is another's":          {world{5: started(4, 8), 4: started(0, 11)}, 1, "process 4 is gone: its number is another's now"},
		"in the same moment":                        {world{5: started(4, 9), 4: started(0, 9)}, 2, ""},
		"the first process is hidden":               {world{5: started(1, 3)}, 1, ""},
		"two that are each other's parent":          {world{5: started(6, 9), 6: started(5, 9)}, 64, "there are more than 64"},
		"more than anybody has":                     {endless, 64, "there are more than 64"},
		"a parent with a number that cannot be one": {world{5: started(-4, 3)}, 1, ""},
	} {
		t.Run(story, func(t *testing.T) {
			got := walk(started(5, 9), tt.world.look, nil)
			if len(got.Callers) != tt.count || got.Ended != tt.ended {
				t.Errorf("got %d callers, %q", len(got.Callers), got.Ended)
			}
		})
	}
	sixtyFour := world{64: started(0, 9)}
	for i := range 63 {
		sixtyFour[i+1] = started(i+2, 9)
	}
	second := func(p Process) bool { return p.PID == 2 }
	if got := walk(started(1, 9), sixtyFour.look, second); len(got.Callers) != 2 || got.Ended != "" {
		t.Errorf("two are enough: got %d callers, %q", len(got.Callers), got.Ended)
	}
	if got := walk(started(1, 9), sixtyFour.look, nil); len(got.Callers) != 64 || got.Ended != "" {
		t.Errorf("64 and no more: got %d callers, %q", len(got.Callers), got.Ended)
	}
}

func TestWhyTheWalkEnded(t *testing.T) {
	for _, tt := range []struct {
		title string
		err   error
		want  string
	}{
		{"sshd", errForeign, `process 7 ("sshd") is another user's, or lets nobody look`},
		{"", errGone, `process 7 is gone, or hidden`},
		{"a\n\x1b[2K", fmt.Errorf("x: %w", errNoProgram), `process 7 ("a\n\x1b[2K") runs no program any more`},
		{"", errors.New("input/output error"), `process 7 cannot be read: input/output error`},
	} {
		got := walk(started(7, 9), func(int) (seen, error) { return seen{title: tt.title}, tt.err }, nil)
		if got.Ended != tt.want || got.Callers != nil {
			t.Errorf("got %q, want %q", got.Ended, tt.want)
		}
	}
}

func TestArgumentsAreShownByNobody(t *testing.T) {
	c := Chain{Callers: []Process{{PID: 5, Name: "terraform", Args: []string{"-var=password=hunter2"}}}}
	text, err := json.Marshal(c)
	must(t, err)
	shown := string(text)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb, c) + fmt.Sprintf(verb, c.Callers[0])
	}
	if strings.Contains(shown, "hunter2") || strings.Contains(shown, fmt.Sprintf("%x", "hunter2")) || !strings.Contains(shown, "terraform") {
		t.Error(shown)
	}
}

func BenchmarkCallers(b *testing.B) {
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = len(Callers(nil).Callers)
	}
	b.ReportMetric(float64(n), "callers")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n)*10, "µs/ten")
}
