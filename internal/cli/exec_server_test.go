package cli

import (
	"testing"

	"whichrole/internal/broker"
	"whichrole/internal/creds"
	"whichrole/internal/mapfile"
	"whichrole/internal/rolemap"
)

// No terraform stands above the process that serves: half an hour into an apply it would have gone on with plan's role.
func TestServerRenewsInTheOperationOfTheCommand(t *testing.T) {
	e := execution{
		app: &app{options: &options{}}, request: broker.Request{Dir: "/infra/qa"},
		handed: &broker.Handed{Decision: &broker.Decision{
			File: &mapfile.File{Path: "/infra/.whichrole.yaml", Physical: "/infra/qa"}, Grant: &rolemap.Grant{Operation: rolemap.Apply},
		}},
	}
	r := pinned(e.serving(creds.NewSecret("t")).Pins, "")
	if r.Operation != "apply" || r.Dir != "/infra/qa" || r.MapVariable != "/infra/.whichrole.yaml" || r.MapFlag != "" {
		t.Errorf("%+v", r)
	}
	if p := e.pins(); p.Operation != "" {
		t.Errorf("with the profile each call decides for itself: %+v", p)
	}
	e.request.MapFlag = "x.yaml"
	if r := pinned(e.pins(), ""); r.MapFlag != "/infra/.whichrole.yaml" || r.MapVariable != "" {
		t.Errorf("a map that was approved by naming it: %+v", r)
	}
	e.handed.Decision.File.How, e.request.MapFlag = mapfile.ByDirectory, ""
	if r := pinned(e.pins(), ""); r.MapFlag+r.MapVariable != "" {
		t.Errorf("a map that the user's own file names: %+v", r)
	}
}
