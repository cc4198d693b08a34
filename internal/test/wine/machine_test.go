//go:build linux

package wine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// machine is a Windows of one test's own: a drive C:, a registry, one account with its credentials.
type machine struct {
	t     *testing.T
	wine  tools
	dir   string // of all that the machine is made of
	drive string // C:\
	home  string // the account's profile, on C:
	env   []string
}

// newMachine is there in a moment, where Wine's own installation copies 700 MB and takes eight seconds: all that a
// program without windows needs of that is a system32 full of links.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, wine: find(t)}
	var err error
	m.dir, err = os.MkdirTemp("", "wr-wine-") // short: a socket lies below, whose path may have 107 bytes
	must(t, err)
	prefix := filepath.Join(m.dir, "prefix")
	m.drive = filepath.Join(prefix, "drive_c")
	m.env = []string{"WINEPREFIX=" + prefix, "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml,winemenubuilder.exe=",
		"HOME=" + m.dir, "TMPDIR=" + m.dir, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "CI=" + os.Getenv("CI")}
	t.Cleanup(m.remove)
	m.write(filepath.Join(prefix, ".update-timestamp"), "disable") // so that Wine does not install itself
	m.write(filepath.Join(prefix, "system.reg"), systemSettings)
	m.write(filepath.Join(prefix, "user.reg"), userSettings)
	for _, dir := range []string{filepath.Join(prefix, "dosdevices"), filepath.Join(m.drive, "temp"), filepath.Join(m.system32(), "drivers")} {
		must(t, os.MkdirAll(dir, 0o700))
	}
	must(t, os.Symlink("../drive_c", filepath.Join(prefix, "dosdevices", "c:")))
	must(t, os.Symlink("/", filepath.Join(prefix, "dosdevices", "z:")))
	m.install()
	m.boot()
	return m
}

// The listing of credentials asks MountMgr for those of a Mac's keychain, and fails where that does not run.
const systemSettings = `WINE REGISTRY Version 2

#arch=win64

[System\\CurrentControlSet\\Services\\MountMgr]
"ErrorControl"=dword:00000001
"ImagePath"="C:\\windows\\system32\\drivers\\mountmgr.sys"
"ObjectName"="LocalSystem"
"Start"=dword:00000002
"Type"=dword:00000001
`

const userSettings = `WINE REGISTRY Version 2

[Environment]
"PATH"="C:\\windows\\system32"
"TEMP"="C:\\temp"
"TMP"="C:\\temp"
`

func (m *machine) system32() string { return filepath.Join(m.drive, "windows", "system32") }

// install links Wine's DLLs and programs to where Windows has them, and builds what Wine 8 lacks. The program that Wine
// would install itself with is left out: it writes, and would write through the links.
func (m *machine) install() {
	m.t.Helper()
	files, err := os.ReadDir(m.wine.libraries)
	must(m.t, err)
	link := func(name, dir string) {
		must(m.t, os.Symlink(filepath.Join(m.wine.libraries, name), filepath.Join(dir, name)))
	}
	for _, f := range files {
		if f.Name() != "rundll32.exe" {
			link(f.Name(), m.system32())
		}
	}
	link("mountmgr.sys", filepath.Join(m.system32(), "drivers"))
	missing := filepath.Join(m.system32(), "bcryptprimitives.dll")
	if _, err := os.Lstat(missing); err == nil {
		return // a later Wine
	}
	dll, err := shim()
	must(m.t, err)
	must(m.t, os.WriteFile(missing, dll, 0o600))
}

// boot starts the machine, upon which the account has its profile.
func (m *machine) boot() {
	m.t.Helper()
	if end := m.run(m.drive, "cmd.exe", "/c", "exit"); end.code != 0 {
		m.t.Fatalf("the machine does not start: %+v", end)
	}
	profiles, _ := filepath.Glob(filepath.Join(m.drive, "users", "*", "AppData"))
	if len(profiles) != 1 {
		m.t.Fatalf("want one account, got %v", profiles)
	}
	m.home = filepath.Dir(profiles[0])
}

// turnOff ends all that runs on the machine, upon which its registry is in its files. The next run turns it on again.
func (m *machine) turnOff() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, how := range []string{"-k", "-w"} { // kill, wait
		cmd := exec.CommandContext(ctx, m.wine.server, how)
		cmd.Env = m.env
		cmd.Run() // fails where nothing runs any more
	}
}

// remove removes the machine, and what Wine, depending on how it was built, keeps elsewhere.
func (m *machine) remove() {
	m.turnOff()
	var prefix syscall.Stat_t
	if err := syscall.Stat(filepath.Dir(m.drive), &prefix); err == nil {
		server := fmt.Sprintf("server-%x-%x", prefix.Dev, prefix.Ino)
		os.RemoveAll(fmt.Sprintf("/run/user/%d/wine/%s", os.Getuid(), server))
		os.RemoveAll(fmt.Sprintf("/tmp/.wine-%d/%s", os.Getuid(), server))
	}
	must(m.t, os.RemoveAll(m.dir))
}

// userRegistry is the account's part of the registry. It turns the machine off.
func (m *machine) userRegistry() string {
	m.t.Helper()
	m.turnOff()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(m.drive), "user.reg"))
	must(m.t, err)
	return string(text)
}

// hasCredentialManager tells whether the Credential Manager was ever written to. It turns the machine off.
func (m *machine) hasCredentialManager() bool {
	return strings.Contains(m.userRegistry(), `[Software\\Wine\\Credential Manager]`)
}

var credential = regexp.MustCompile(`(?m)^\[Software\\\\Wine\\\\Credential Manager\\\\Generic: (.*)\]`)

// credentials are the names of what the Credential Manager holds. It turns the machine off.
func (m *machine) credentials() (names []string) {
	for _, found := range credential.FindAllStringSubmatch(m.userRegistry(), -1) {
		names = append(names, found[1])
	}
	return names
}

func (m *machine) write(path, text string) {
	m.t.Helper()
	must(m.t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(m.t, os.WriteFile(path, []byte(text), 0o600))
}

// ended is how a program ended.
type ended struct {
	stdout, stderr string
	code           int
}

// run runs a Windows program in dir, a directory of this system. It is killed after two minutes, and dies with the test:
// the death signal is tied to the thread that forked.
func (m *machine) run(dir, program string, args ...string) ended {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, m.wine.loader, append([]string{program}, args...)...)
	cmd.Dir, cmd.Env = dir, m.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, stderr := m.stream(), m.stream()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		m.t.Errorf("%s: %v", filepath.Base(program), err)
	}
	return ended{m.text(stdout), wineItself.ReplaceAllString(m.text(stderr), ""), cmd.ProcessState.ExitCode()}
}

// wineItself is what Wine says of a thread that was talking to its server when the process ended.
var wineItself = regexp.MustCompile(`(?m)^wine client error:[0-9a-f]+: sendmsg: .*\n?`)

// stream is a file for a program's output: a pipe would be held open by Wine's server for a second more.
func (m *machine) stream() *os.File {
	f, err := os.CreateTemp(m.dir, "stream-")
	if err != nil {
		m.t.Error(err)
	}
	return f
}

func (m *machine) text(f *os.File) string {
	defer f.Close()
	all, err := os.ReadFile(f.Name())
	if err != nil {
		m.t.Error(err)
	}
	return string(all)
}
