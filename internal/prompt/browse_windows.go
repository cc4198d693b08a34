package prompt

import (
	"golang.org/x/sys/windows"

	"whichrole/internal/paths"
)

func openBrowser(_ paths.Env, address string) error {
	text, err := windows.UTF16PtrFromString(address)
	if err != nil {
		return err
	}
	return windows.ShellExecute(0, nil, text, nil, nil, windows.SW_SHOWNORMAL)
}
