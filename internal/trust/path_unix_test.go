//go:build !windows

package trust

import (
	"io/fs"
	"os"
	"syscall"
	"testing"
	"time"
)

// somebodys is a file of somebody who is neither root nor the one who runs the test.
type somebodys struct{ fs.FileInfo }

func (f somebodys) Sys() any {
	st := *f.FileInfo.Sys().(*syscall.Stat_t)
	st.Uid = uint32(os.Getuid()) + 4242
	return &st
}

func TestMapOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	w.store.TrustedPaths = []string{w.path("work")}
	w.wantApproved(w.sub, "trusted path "+w.path("work"))
	w.sub.Info = somebodys{w.sub.Info}
	w.wantRefused(w.sub, "owned by somebody else")
}

func TestMapInADirectoryOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	info, err := os.Stat(w.path("work"))
	if err != nil {
		t.Fatal(err)
	}
	if got := exposed("/work", info); got != "" {
		t.Errorf("one's own: %s", got)
	}
	if got := exposed("/work", somebodys{info}); got != "the directory /work is owned by somebody else" {
		t.Errorf("somebody else's: %q", got)
	}
}

func TestTrustDirectoryOfSomebodyElse(t *testing.T) {
	if os.Getuid() != 0 {
		return // only root can give it away
	}
	w := newWorld(t)
	w.approve(w.sub)
	if err := os.Chown(w.store.Dir, 4242, -1); err != nil {
		t.Fatal(err)
	}
	w.wantRefused(w.sub, "since it is owned by somebody else")
}

func TestFIFOInPlaceOfRecord(t *testing.T) {
	w := newWorld(t)
	if err := os.MkdirAll(w.store.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(w.store.file(w.sub.Path, ""), 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan Verdict, 1)
	go func() { done <- w.store.Judge(w.sub) }()
	select {
	case v := <-done:
		if v.Approved || v.Never {
			t.Errorf("%+v", v)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("still waiting for somebody to write into the FIFO")
	}
}
