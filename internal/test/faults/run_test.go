//go:build linux

package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"whichrole/internal/test/fakests"
)

const (
	many    = 20               // processes at once
	slack   = 4 * time.Second  // what busy cores may add to any bound
	tooLong = 60 * time.Second // for any process
)

// process is one whichrole.
type process struct {
	w              *world
	env            string // the environment in whose directory it runs
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
	began          time.Time
	took           time.Duration
	ended          chan struct{}
}

// command is whichrole in the directory of env, not begun yet.
func (w *world) command(env string, args ...string) *process {
	p := &process{w: w, env: env, cmd: exec.Command(binary, args...), ended: make(chan struct{})}
	if w.jail != "" {
		p.cmd = exec.Command(os.Args[0], append([]string{binary}, args...)...)
		p.cmd.Env = append(p.cmd.Env, jailed+"="+w.jail)
	}
	for name, value := range w.env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = w.place(env), &p.stdout, &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return p
}

// ask is a credential-process in the directory of env, not begun yet, with more variables.
func (w *world) ask(env string, variables ...string) *process {
	p := w.command(env, "credential-process")
	p.cmd.Env = append(p.cmd.Env, variables...) // the last of two equal names counts
	return p
}

// begin comes back at once.
func (p *process) begin() *process {
	p.w.t.Helper()
	p.began = time.Now()
	p.w.must(p.cmd.Start())
	go func() {
		p.cmd.Wait()
		p.took = time.Since(p.began)
		close(p.ended)
	}()
	p.w.t.Cleanup(func() { p.signal(syscall.SIGKILL) })
	return p
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// signal sends it, and for SIGKILL waits for the end.
func (p *process) signal(s syscall.Signal) {
	p.cmd.Process.Signal(s)
	if s == syscall.SIGKILL {
		<-p.ended
	}
}

// running tells whether it has not ended.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

func (p *process) wait() *process {
	p.w.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(tooLong):
		p.signal(syscall.SIGKILL)
		p.w.t.Errorf("process %d had to be killed after %s", p.pid(), tooLong)
	}
	return p
}

func (p *process) code() int { return p.cmd.ProcessState.ExitCode() }

// whichrole runs a command that has to work.
func (w *world) whichrole(args ...string) string {
	w.t.Helper()
	p := w.command("qa", args...).begin().wait()
	if p.code() != 0 {
		w.t.Fatalf("whichrole %s: exit %d: %s", strings.Join(args, " "), p.code(), &p.stderr)
	}
	return p.stdout.String()
}

// crowd is several of them.
type crowd []*process

func (w *world) begin(n int, env string, variables ...string) (c crowd) {
	w.t.Helper()
	for range n {
		c = append(c, w.ask(env, variables...).begin())
	}
	return c
}

// served asserts that each prints, in that time, credentials that STS has minted for its environment, and gives their
// access key ids, each once.
func (c crowd) served(within time.Duration) (ids []string) {
	seen := map[string]bool{}
	for _, p := range c {
		p.w.t.Helper()
		if id := p.served(within); id != "" && !seen[id] {
			seen[id], ids = true, append(ids, id)
		}
	}
	return ids
}

// fails asserts that each ends in that time with that code and the words for it.
func (c crowd) fails(code int, within time.Duration) {
	for _, p := range c {
		p.w.t.Helper()
		p.fails(code, within)
	}
}

func (p *process) served(within time.Duration) string {
	p.w.t.Helper()
	p.wait()
	var answer struct{ AccessKeyId string }
	err := json.Unmarshal(p.stdout.Bytes(), &answer)
	a, known := p.w.mintedAs(answer.AccessKeyId)
	switch {
	case p.code() != 0:
		p.wrong("exit %d, want 0", p.code())
	case err != nil:
		p.wrong("what it prints is not one JSON: %v", err)
	case !known:
		p.wrong("STS has minted no such access key: %q", answer.AccessKeyId)
	case a.ARN != sessions[p.env]:
		p.wrong("the credentials are of %s", a.ARN)
	case p.stdout.String() != lineOf(a):
		p.wrong("it prints not what STS has minted, in the form of the contract")
	case !expires(a).Add(-2 * time.Minute).After(p.began):
		p.wrong("it prints what expires at %s", a.Expiration)
	case p.stderr.Len() > 0:
		p.wrong("a success with words on stderr")
	}
	p.inTime(within)
	return answer.AccessKeyId
}

func (p *process) fails(code int, within time.Duration) {
	p.w.t.Helper()
	p.wait()
	text := p.stderr.String()
	if p.code() != code || p.stdout.Len() > 0 {
		p.wrong("exit %d with %d bytes on stdout, want %d with none", p.code(), p.stdout.Len(), code)
	}
	if !strings.HasPrefix(text, "whichrole: error: ") || !strings.HasSuffix(text, "\n") || len(text) >= 4<<10 {
		p.wrong("stderr is not as promised")
	}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if i > 0 && !strings.HasPrefix(line, "whichrole: hint: ") {
			p.wrong("a line that is no hint: %s", line)
		}
	}
	for _, secret := range p.w.secrets() {
		if strings.Contains(text, secret) {
			p.wrong("a secret is on stderr")
		}
	}
	p.inTime(within)
}

func (p *process) inTime(within time.Duration) {
	p.w.t.Helper()
	if p.took > within {
		p.wrong("it took %s, and may take %s", p.took, within)
	}
}

func (p *process) wrong(format string, args ...any) {
	p.w.t.Helper()
	p.w.t.Errorf("%s in %s: %s; stderr: %s", strings.Join(p.cmd.Args[1:], " "), p.env, fmt.Sprintf(format, args...), &p.stderr)
}

// lineOf is the line of the contract for a session: SPEC "Handing out credentials".
func lineOf(a fakests.Answer) string {
	return fmt.Sprintf(`{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s","SessionToken":"%s","Expiration":"%s","AccountId":"%s"}`+"\n",
		a.AccessKeyID, a.SecretAccessKey, a.SessionToken, expires(a).Add(-time.Minute).Format("2006-01-02T15:04:05Z"), strings.Split(a.ARN, ":")[4])
}

func expires(a fakests.Answer) time.Time {
	t, err := time.Parse(time.RFC3339, a.Expiration)
	if err != nil {
		panic(errors.Join(errors.New("the fake STS gave no time"), err))
	}
	return t
}

func (w *world) mintedAs(id string) (fakests.Answer, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, known := w.minted[id]
	return a, known
}

func (w *world) secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := []string{corpSecret}
	for _, a := range w.minted {
		list = append(list, a.SecretAccessKey, a.SessionToken)
	}
	return list
}
