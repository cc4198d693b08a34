package prompt

import (
	"errors"
	"testing"

	"whichrole/internal/paths"
)

func TestScreenOfThisMachine(t *testing.T) {
	for _, tt := range []struct {
		goos string
		env  paths.Env
		want bool
	}{
		{"linux", nil, false},
		{"linux", paths.Env{"DISPLAY": ":0"}, true},
		{"linux", paths.Env{"WAYLAND_DISPLAY": "wayland-0"}, true},
		{"linux", paths.Env{"DISPLAY": ""}, false},
		{"linux", paths.Env{"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}, false},
		{"linux", paths.Env{"DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"}, false},
		{"linux", paths.Env{"DISPLAY": ":99", "CI": "true"}, false},
		{"linux", paths.Env{"DISPLAY": ":0", "CI": "false"}, true},
		{"darwin", nil, true},
		{"darwin", paths.Env{"SSH_CLIENT": "10.0.0.1 5 22"}, false},
		{"darwin", paths.Env{"CI": "1"}, false},
		{"windows", nil, true},
		{"windows", paths.Env{"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}, false},
		{"freebsd", paths.Env{"DISPLAY": ":0"}, true},
	} {
		if got := hasScreen(tt.env, tt.goos); got != tt.want {
			t.Errorf("%s %v: %v", tt.goos, tt.env, got)
		}
	}
}

var overSSH = paths.Env{"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22", "DISPLAY": ":0"}

func TestNobodySitsHere(t *testing.T) {
	if _, err := Dialog(t.Context(), overSSH, "whichrole", "code"); !errors.Is(err, ErrNobody) {
		t.Errorf("a dialog: %v", err)
	}
	if err := Browse(overSSH, "https://device.sso.eu-west-1.amazonaws.com/"); !errors.Is(err, ErrNobody) {
		t.Errorf("a browser: %v", err)
	}
}

// Windows runs what it is given, and xdg-open opens files.
func TestOnlyWebAddressesAreOpened(t *testing.T) {
	for address, want := range map[string]bool{
		"https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH":                                                           true,
		"https://oidc.eu-west-1.amazonaws.com/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%3A5000%2Foauth%2Fcallback&scopes=a+b#x": true,
		"http://127.0.0.1:4711/authorize?state=1":                                                                                   true,
		"http://example.com/":              false,
		"http://127.0.0.1.example.com/":    false,
		"http://127.0.0.1:80@example.com/": false,
		"file:///etc/passwd":               false,
		`C:\Windows\System32\calc.exe`:     false,
		"calc.exe":                         false,
		"javascript:alert(1)":              false,
		"--help":                           false,
		"":                                 false,
		"https://x/ --new-window":          false,
		"https://x/\nfile:///etc/passwd":   false,
		"https://x/$(id)":                  false,
		"https://x/`id`":                   false,
		`https://x/"&calc"`:                false,
		"https://x/\x00":                   false,
		"https://x/\u202e":                 false,
	} {
		if got := isWebAddress(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
		if !want {
			if err := Browse(overSSH, address); err == nil || errors.Is(err, ErrNobody) {
				t.Errorf("%q: %v", address, err)
			}
		}
	}
}
