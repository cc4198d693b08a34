package broker

import (
	"errors"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/process"
)

// Three aliases of a provider fail for one reason, and the person reads it once. Terraform itself and an aws show it on their
// own.
func TestPersonIsToldOncePerRun(t *testing.T) {
	dir := t.TempDir()
	above := func(callers ...process.Process) func(func(process.Process) bool) process.Chain {
		return func(func(process.Process) bool) process.Chain { return process.Chain{Callers: callers} }
	}
	sh := process.Process{PID: 2, Name: "sh", Args: []string{"sh", "-c", "whichrole credential-process"}}
	plugin := process.Process{PID: 3, Name: "terraform-provider-aws_v5.100.0_x5", Args: []string{"x"}}
	run := func(pid int) process.Process {
		return process.Process{PID: pid, Name: "terraform", Args: []string{"terraform", "plan"}, Started: 7}
	}
	refused, login := problem.New(problem.Refused, "no"), problem.New(problem.LoginNeeded, "log in")
	b := &Broker{Dirs: paths.Dirs{State: t.TempDir()}, Now: time.Now, Log: func(string, ...any) {}}
	for i, tt := range []struct {
		callers []process.Process
		err     error
		tell    bool
	}{
		{[]process.Process{sh, plugin, run(4)}, refused, true},
		{[]process.Process{sh, plugin, run(4)}, refused, false},
		{[]process.Process{sh, plugin, run(4)}, login, true}, // another reason
		{[]process.Process{sh, plugin, run(5)}, refused, true},
		{[]process.Process{sh, run(6)}, refused, false},
		{[]process.Process{{PID: 3, Name: "aws"}, run(6)}, refused, false},
		{nil, refused, false},
		{[]process.Process{sh, plugin, run(4)}, errors.New("odd"), true},
	} {
		b.Callers = above(tt.callers...)
		if got := b.Failed(Request{Dir: dir}, tt.err); got != tt.tell {
			t.Errorf("call %d: told %v", i, got)
		}
		if f, found := b.LastFailure(Request{Dir: dir}, &Decision{}); !found || f.Message != tt.err.Error() {
			t.Errorf("call %d: kept %+v, %v", i, f, found)
		}
	}
}
