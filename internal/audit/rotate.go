package audit

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"whichrole/internal/paths"
)

// aside is how many files are put aside, besides the one that is written: 25 MiB in all, some fifty thousand lines.
const aside = 4

// rotate puts the full file aside. One process does that, and the others go on writing where they are: into the file that was
// opened under either name. Nobody waits, and what fails is left to the next line.
func (l Log) rotate() {
	lock := flock.New(filepath.Join(l.Dir, "audit.lock"), flock.SetFlag(os.O_CREATE|paths.OpenFlags))
	if got, err := lock.TryLock(); !got || err != nil {
		return
	}
	defer lock.Unlock() // the file stays: who deletes it would let two hold "the" lock
	if info, err := os.Stat(l.Path()); err != nil || info.Size() <= maxFile {
		return // somebody else was first
	}
	gap := 1 // where the last one's rename failed, as on Windows while somebody writes: what is older stays where it is
	for gap < aside && exists(l.file(gap)) {
		gap++
	}
	for i := gap; i > 0; i-- {
		if os.Rename(l.file(i-1), l.file(i)) != nil {
			return // the next would take the place of the one that is still there
		}
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// file is the i-th of the files, 0 the one that is written.
func (l Log) file(i int) string {
	if i == 0 {
		return l.Path()
	}
	return fmt.Sprintf("%s.%d", l.Path(), i)
}
