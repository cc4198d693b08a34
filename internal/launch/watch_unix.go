//go:build !windows

package launch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"

	"whichrole/internal/problem"
)

// Apart is the argument of the keeper's second process.
const Apart = "apart"

// Watch is the keeper: it serves what is wanted, waits for the command's end however that comes, and removes the session. It is
// run twice. The first process starts the second and ends, so that the second is nobody's child: a command that waits for all
// its children would wait for it.
func Watch(apart bool, serve Serve) error {
	if err := seal(); err != nil {
		return err
	}
	orders, replies, lock := os.NewFile(orderFile, "orders"), os.NewFile(replyFile, "replies"), os.NewFile(lockFile, "lock")
	defer lock.Close() // and not before, as who collects garbage would
	if !apart {
		none, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		_, err = spawn(nil, Apart, none, orders, replies, lock) // with our environment
		return err
	}
	var heard = make(chan os.Signal, 1) // and not heeded: who stops the whole of a service lets the command save its state
	signal.Notify(heard, unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT)
	var o order
	if err := json.NewDecoder(io.LimitReader(orders, 2*maxOrder)).Decode(&o); err != nil {
		return problem.New(problem.Failure, "no order came").Because(err)
	}
	orders.Close()
	return o.keep(replies, serve)
}

func (o order) keep(replies io.WriteCloser, serve Serve) error {
	command := running{o.PID, o.Started}
	sleep := asleepUntil(command) // before the command starts: its number is still that of the process we are from
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var r reply
	if o.Serve != nil {
		r = begin(ctx, serve, o.Serve)
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	replies.Write(text) // where nobody hears it, the process we are from has ended
	replies.Close()
	command.ended(sleep)
	stop()
	if !isID(o.ID) {
		return nil
	}
	return remove(o.Run, o.ID)
}

func begin(ctx context.Context, serve Serve, order []byte) reply {
	if serve == nil {
		return reply{Code: problem.Failure, Message: "this keeper serves nothing"}
	}
	answer, err := serve(ctx, order)
	if err == nil && len(answer) > maxAnswer {
		err = fmt.Errorf("an answer of %d bytes", len(answer))
	}
	if err != nil {
		return reply{Code: problem.CodeOf(err), Message: err.Error(), Hint: problem.HintOf(err)}
	}
	return reply{Answer: answer}
}

// seal keeps what else we inherited (the lock of flock(1), a job server's pipe) from the second process, which outlives who is
// waiting for those to close.
func seal() error {
	for _, fd := range []int{orderFile, replyFile} {
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO {
			return problem.New(problem.Usage, "%s is for whichrole exec alone", KeeperCommand)
		}
	}
	dir, err := os.Open("/dev/fd")
	if err != nil {
		sealAll()
		return nil
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		var fd int
		if n, err := fmt.Sscan(name, &fd); n == 1 && err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
	return nil
}

// sealAll is for a system without /dev/fd.
func sealAll() {
	for fd := orderFile; fd < 1024; fd++ {
		unix.CloseOnExec(fd)
	}
}
