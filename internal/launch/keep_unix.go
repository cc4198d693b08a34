//go:build !windows

package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// The keeper's own files, behind the null device three times.
const (
	orderFile = 3 // a pipe: what is wanted
	replyFile = 4 // a pipe: what came of it
	lockFile  = 5 // the session's lock, already taken
)

// keeperTakes is how long the keeper may take to be ready.
const keeperTakes = 10 * time.Second

// order is what goes to the keeper.
type order struct {
	Run     string // the directory that the session lies in; "" for none
	ID      string
	PID     int
	Started uint64
	Serve   []byte // nil: nothing
}

// reply is what comes back.
type reply struct {
	Answer        []byte
	Code          problem.Code // 0 for success
	Message, Hint string
}

// Keep starts a keeper for the command that will replace this process, and comes back when it watches. It must be called once
// the session stands, just before Run.
//
// Where there is an Order, a failure is the command's, a *problem.Error. Without one the command can run all the same: then it
// holds the session's lock itself, and the next Sweep after its end removes the session.
func Keep(k Keeping) (answer []byte, err error) {
	if k.Order == nil && adopts() {
		err = errors.New("the keeper would be a child of the command")
	} else {
		answer, err = k.start()
	}
	if err != nil && k.Session != nil {
		unix.FcntlInt(k.Session.lock.Fd(), unix.F_SETFD, 0) // goes on to the command
	}
	if _, told := errors.AsType[*problem.Error](err); err != nil && k.Order != nil && !told {
		err = problem.New(problem.Failure, "nothing can serve the command: %v", err).Because(err)
	}
	return answer, err
}

func (k Keeping) start() ([]byte, error) {
	me := self()
	o := order{PID: me.pid, Started: me.started, Serve: k.Order}
	var lock *os.File
	if k.Session != nil {
		o.Run, o.ID, lock = k.Session.run, k.Session.ID, k.Session.lock
	}
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	if len(k.Order) > maxOrder {
		return nil, paths.ErrTooLarge
	}
	ctx, cancel := context.WithTimeout(context.Background(), keeperTakes)
	defer cancel()
	p, err := startKeeper(k.environ(), lock)
	if err != nil {
		return nil, fmt.Errorf("the keeper can't be started: %w", paths.Cause(err))
	}
	defer p.end()
	end, _ := ctx.Deadline()
	p.orders.SetDeadline(end)
	p.replies.SetDeadline(end)
	if _, err = p.orders.Write(text); err == nil {
		err = p.orders.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("the keeper takes no order: %w", paths.Cause(err))
	}
	return answerOf(p.replies)
}

// environ is little: a process that lives that long has no business with keys.
func (k Keeping) environ() []string {
	env := paths.Env{}
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"} {
		if value, set := k.Env[name]; set {
			env[name] = value
		}
	}
	if k.Order != nil {
		env = k.Env
	}
	return Command{Env: env}.environ()
}

func answerOf(replies io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(replies, 2*maxAnswer)) // in base64
	if err != nil {
		return nil, fmt.Errorf("the keeper does not answer: %w", paths.Cause(err))
	}
	var r reply
	if json.Unmarshal(text, &r) != nil {
		return nil, errors.New("the keeper has ended without an answer")
	}
	if r.Code != 0 {
		return nil, problem.New(r.Code, "%s", r.Message).WithHint("%s", r.Hint)
	}
	return r.Answer, nil
}

// keeperProcess is the first of the two that it takes.
type keeperProcess struct {
	*os.Process
	orders, replies *os.File // our ends
}

func startKeeper(env []string, lock *os.File) (p keeperProcess, err error) {
	var none, theirOrders, theirReplies *os.File
	defer func() {
		for _, f := range []*os.File{none, theirOrders, theirReplies} {
			f.Close()
		}
		if err != nil {
			p.orders.Close()
			p.replies.Close()
		}
	}()
	if none, err = os.OpenFile(os.DevNull, os.O_RDWR, 0); err != nil {
		return p, err
	}
	if theirOrders, p.orders, err = os.Pipe(); err != nil {
		return p, err
	}
	if p.replies, theirReplies, err = os.Pipe(); err != nil {
		return p, err
	}
	if lock == nil {
		lock = none
	}
	p.Process, err = spawn(env, "", none, theirOrders, theirReplies, lock)
	return p, err
}

// spawn starts our own program as a keeper, in a session of its own: Ctrl-C, Ctrl-Z and the end of the terminal do not reach it.
func spawn(env []string, stage string, none, orders, replies, lock *os.File) (*os.Process, error) {
	path, err := program()
	if err != nil {
		return nil, err
	}
	args := []string{"whichrole", KeeperCommand}
	if stage != "" {
		args = append(args, stage)
	}
	return os.StartProcess(path, args, &os.ProcAttr{
		Dir: "/", Env: env, Files: []*os.File{none, none, none, orders, replies, lock}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
}

// end has the first process waited for, which ends as soon as it has started the second.
func (p keeperProcess) end() {
	p.orders.Close()
	p.replies.Close()
	late := time.AfterFunc(time.Second, func() { p.Kill() })
	defer late.Stop()
	p.Wait()
}
