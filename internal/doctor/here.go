package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// settings looks at the user's own file.
func (v *visit) settings(context.Context) []Finding {
	user, err := v.Broker.User()
	switch {
	case err != nil:
		return []Finding{failed("settings", Broken, err, "nothing is handed out while it cannot be understood")}
	case user.Path == "":
		return []Finding{well("settings", "there is no file of your own settings, and need not be")}
	}
	return []Finding{well("settings", "your settings are in "+user.Path)}
}

// roleMap looks at the map of this directory, whether it is obeyed, and what it says.
func (v *visit) roleMap(context.Context) []Finding {
	d, err := v.decision()
	if _, wrong := v.Broker.User(); wrong != nil {
		return nil // settings has told
	}
	switch {
	case err == nil:
		g := d.Grant
		return []Finding{well("map", fmt.Sprintf("%s (%s) gives %s %s: %s", d.File.Path, d.Trust.How, g.Environment, g.Operation,
			cmp.Or(g.RoleARN(), g.PermissionSet, "the source's own credentials")))}
	case d.File == nil && errors.Is(err, problem.ErrNowhere):
		return []Finding{failed("map", Note, err, "without a map there is no role; the rest is looked at all the same")}
	case errors.Is(err, problem.ErrNowhere):
		return []Finding{failed("map", Warning, err, "nothing is handed out in this directory")}
	}
	return []Finding{failed("map", Broken, err, "nothing is handed out in this directory")}
}

// soon is when a login that ends is worth telling.
const soon = 30 * time.Minute

// source looks at where the first credentials come from, and whether somebody is logged in.
func (v *visit) source(context.Context) []Finding {
	d, err := v.decision()
	user, wrong := v.Broker.User()
	switch {
	case wrong != nil:
		return nil
	case problem.CodeOf(err) == problem.NotTrusted: // its source may name any file
		return []Finding{{ID: "source", Level: Note, What: "not looked at: the map is not trusted"}}
	case err != nil && d.File != nil: // what the map says of sources goes with an environment
		return []Finding{{ID: "source", Level: Note, What: "not looked at: no environment here"}}
	case err != nil:
		d = &broker.Decision{}
	}
	first, err := v.Broker.StartingPoint(d, user)
	if err != nil && d.Grant == nil {
		return []Finding{failed("source", Note, err, "a map that names no source of its own has none here")}
	}
	if err != nil {
		return []Finding{failed("source", Broken, err, "nothing can be got without first credentials")}
	}
	return []Finding{v.login(d, first)}
}

func (v *visit) login(d *broker.Decision, first broker.First) Finding {
	command := "whichrole login"
	switch {
	case d.Grant != nil:
		command = broker.LoginCommand(v.Request, d)
	case first.Profile != "":
		command += " --profile " + problem.Quote(first.Profile)
	}
	f := well("source", "first credentials from "+first.Description)
	until, renews, needed := v.Broker.LoggedIn(first)
	left := until.Sub(v.Broker.Now())
	switch {
	case !needed:
	case renews && left <= 0:
		f.What += "; the login is renewed when it is used"
	case left <= 0:
		f.Level, f.Fix = Broken, command
		f.What += "; nobody is logged in"
		f.Why = "SDKs cannot ask for a login: they fail until somebody did that"
	case left < soon && !renews:
		f.Level, f.Fix = Note, command
		f.What += fmt.Sprintf("; the login ends in %d minutes", int(left.Minutes()))
	default:
		f.What += "; logged in until " + until.In(v.Broker.Now().Location()).Format("2006-01-02 15:04")
	}
	for _, n := range first.Notes {
		f.What += "; not " + n.String()
	}
	return f
}

// failures looks at what went wrong lately, which Terraform's providers hide.
func (v *visit) failures(context.Context) (list []Finding) {
	d, _ := v.decision()
	told := func(f string, dir string, at time.Time, hint string) Finding {
		return Finding{ID: "failure", Level: Warning, What: ago(v.Broker.Now().Sub(at)) + " in " + dir + ": " + f,
			Why: "the last call of a helper there failed, and none has succeeded since", Fix: hint}
	}
	if f, found := v.Broker.LastFailure(v.Request, d); found {
		list = append(list, told(f.Message, f.Dir, f.Time, f.Hint))
	}
	for _, f := range v.Broker.FailuresElsewhere(v.Request, d) {
		if f.Code != problem.NoEnvironment { // somebody stood in the wrong place, and nothing here mends that
			list = append(list, told(f.Message, f.Dir, f.Time, "whichrole -C "+problem.Quote(f.Dir)+" explain")) // its own hint is meant there
		}
	}
	if len(list) == 0 {
		list = append(list, well("failure", "no helper's call has failed here lately"))
	}
	return list
}

// ago is how long ago something was, as people say it.
func ago(d time.Duration) string {
	switch d = d.Abs(); {
	case d < time.Minute:
		return "a moment ago"
	case d < time.Hour:
		return fmt.Sprintf("%dm ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// audit looks at the local trail.
func (v *visit) audit(context.Context) []Finding {
	user, err := v.Broker.User()
	trail := v.Broker.Trail()
	switch {
	case err != nil:
		return nil
	case user.AuditOff:
		return []Finding{{ID: "audit", Level: Note, What: "audit is off in " + user.Path}}
	case trail.Path() == "":
		return []Finding{{ID: "audit", Level: Warning, What: "there is no state directory", Why: "approvals, failures and the audit trail are kept there",
			Fix: "set HOME or XDG_STATE_HOME to an absolute path"}}
	}
	if err := trail.Writable(); err != nil {
		return []Finding{{ID: "audit", Level: Warning, What: "no line can be added to the audit trail: " + err.Error(), Why: "what is handed out is not written down"}}
	}
	return []Finding{well("audit", "what is handed out is written down in "+trail.Path())}
}

// variables are those that change what whichrole does, for one forgets them.
func (v *visit) variables(context.Context) []Finding {
	var set []string
	for _, name := range slices.Sorted(maps.Keys(v.env)) {
		if strings.HasPrefix(name, "WHICHROLE_") && v.env[name] != "" && !strings.HasPrefix(name, paths.BeforeExecPrefix) { // those are credentials
			set = append(set, name+"="+problem.Cut(v.env[name], 80))
		}
	}
	if len(set) == 0 {
		return []Finding{well("variables", "no WHICHROLE_ variable is set")}
	}
	return []Finding{{ID: "variables", Level: Note, What: "set here: " + strings.Join(set, " "), Why: "they hold for each call from this shell"}}
}
