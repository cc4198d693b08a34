//go:build !windows

package broker

import (
	"testing"

	"whichrole/internal/mapfile"
	"whichrole/internal/rolemap"
)

// The hint was pasted, and asked for the code of another profile: it had left out what the directory alone does not say.
func TestLoginCommandNamesAllThatItWasDecidedBy(t *testing.T) {
	d := &Decision{File: &mapfile.File{}, Grant: &rolemap.Grant{Environment: "live"}, Target: rolemap.Target{Workspace: "prod"}}
	got := LoginCommand(Request{
		Dir: "/work/my infra", MapFlag: "/maps/m.yaml", EnvironmentVariable: "live", Set: map[string]string{"b": "2", "a": "x;y"}, Operation: "apply", Workspace: "prod",
	}, d)
	if want := `whichrole -C '/work/my infra' --map /maps/m.yaml --env live --set 'a=x;y' --set b=2 --workspace prod --operation apply login`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got = LoginCommand(Request{Dir: "/work"}, &Decision{Grant: &rolemap.Grant{}, Target: rolemap.Target{Workspace: "-x"}, WorkspaceFrom: "TF_WORKSPACE"})
	if want := "whichrole -C /work --workspace=-x login"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got = LoginCommand(Request{Dir: "/work", MapVariable: "/maps/m.yaml"}, &Decision{Grant: &rolemap.Grant{}, Target: rolemap.Target{Workspace: "default"}})
	if want := "WHICHROLE_MAP=/maps/m.yaml whichrole -C /work login"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
