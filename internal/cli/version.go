package cli

import (
	"fmt"
	"runtime/debug"

	"whichrole/internal/output"

	"github.com/alecthomas/kong"
)

type versionCmd struct {
	JSON bool `name:"json" help:"Print a JSON object."`
}

// versionFlag is --version. Unlike kong's own it looks the version up only when it is asked for: prompts parse flags, too.
type versionFlag bool

func (versionFlag) BeforeReset(k *kong.Kong) error {
	_, err := fmt.Fprintln(k.Stdout, version())
	k.Exit(0)
	return err
}

// buildVersion is set by release builds: -ldflags "-X whichrole/internal/cli.buildVersion=1.2.3".
var buildVersion string

type versionInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
}

func (c *versionCmd) Run(a *app) error {
	v := version()
	if c.JSON {
		return output.JSON(a.stdout, v)
	}
	_, err := fmt.Fprintln(a.stdout, v)
	return err
}

func (v versionInfo) String() string {
	return fmt.Sprintf("whichrole %s, commit %s, %s", v.Version, v.Commit, v.Go)
}

func version() versionInfo {
	v := versionInfo{Version: buildVersion, Commit: "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Go = info.GoVersion
	if v.Version == "" {
		v.Version = info.Main.Version
	}
	modified := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) > 12:
			v.Commit = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " (modified)"
		}
	}
	v.Commit += modified
	return v
}
