package process

import (
	"os"

	"golang.org/x/sys/windows"
)

// Wine 8 does not tell the command lines of others; Windows does since 8.1. All else is tested on it.
func init() {
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() != nil {
		return
	}
	if _, err := look(os.Getpid()); err != windows.STATUS_INVALID_INFO_CLASS {
		return
	}
	blind = true
	ask = func(func(Process) bool) Chain {
		me, err := self()
		if err != nil {
			panic(err)
		}
		return walk(me, func(pid int) (seen, error) {
			p, err := look(pid)
			if err == windows.STATUS_INVALID_INFO_CLASS {
				err = nil
			}
			return p, err
		}, nil)
	}
}
