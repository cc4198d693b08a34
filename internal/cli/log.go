package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"whichrole/internal/audit"
	"whichrole/internal/output"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/survey"
)

type logCmd struct {
	Since  string `placeholder:"TIME" help:"Only what is not older: 30m, 2h, 3d, or a date as 2026-11-22 or 2026-11-22T14:30, local time. Default: the last 50; all with --json."`
	Follow bool   `short:"f" help:"Go on with what comes, until Ctrl-C."`
	JSON   bool   `name:"json" help:"Print one JSON object a line, with session name and request id."`
}

// lately is how many lines the table has where nobody says how far it shall go back.
const lately = 50

// Run shows all, or what --env names.
func (c *logCmd) Run(a *app) error {
	v := logView{app: a, log: a.broker().Trail(), json: c.JSON, columns: columnsOf(a.stdout)}
	if v.log.Path() == "" {
		return problem.New(problem.Failure, "there is no state directory to keep an audit trail in").WithHint("set HOME or XDG_STATE_HOME to an absolute path")
	}
	switch {
	case c.Since != "":
		since, err := sinceWhen(c.Since, a.now())
		if err != nil {
			return err
		}
		v.since = since
	case !c.JSON:
		v.last = lately
	}
	if c.Follow {
		return v.follow()
	}
	err := cmp.Or(v.show(v.log.Read(v.since, v.wanted)), v.caughtUp())
	if err == nil && v.unread > 0 {
		return silent{problem.Failure} // stderr has it
	}
	return err
}

// follow ends when nobody reads what is printed any more, also where nothing comes that could be printed.
func (v *logView) follow() error {
	v.follows = true
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var lost error
	err := v.show(v.log.Follow(ctx, v.since, v.wanted, func() {
		if lost = v.caughtUp(); lost != nil {
			cancel()
		}
	}))
	return cmp.Or(err, lost)
}

// logView is one look at the trail.
type logView struct {
	*app
	log     audit.Log
	since   time.Time // zero for all
	last    int       // how many of those that are there, 0 for all
	json    bool
	follows bool

	behind []audit.Line // that are there, for a table is as wide as its widest cell
	there  int          // how many there are in all
	broken int
	unread int      // files
	head   []string // one row that is as wide as the columns, from when all that was there has been printed

	columns int   // of the terminal; 0 where there is none
	shown   []int // which columns of the table it has room for
}

// wanted is for the environment of the flag alone: a forgotten WHICHROLE_ENV must not hide what happened.
func (v *logView) wanted(l audit.Line) bool {
	return v.options.Env == "" || l.Environment == v.options.Env
}

// show ends with the lines, or when nobody reads what is printed any more.
func (v *logView) show(lines iter.Seq2[audit.Line, error]) error {
	for l, err := range lines {
		switch {
		case errors.Is(err, audit.ErrBroken):
			v.broken++
			continue
		case err != nil:
			v.unread++
			line(v.stderr, "whichrole: %s: %v", v.log.Path(), paths.Cause(err))
			continue
		case v.json:
			err = jsonLine(v.stdout, l)
		case v.head != nil:
			cells, note := v.cells(l)
			err = v.rows([][]string{cells}, []string{note})
		default:
			v.wait(l)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wait keeps a line for the table.
func (v *logView) wait(l audit.Line) {
	v.there++
	v.behind = append(v.behind, l)
	if v.last > 0 && len(v.behind) > v.last {
		v.behind = v.behind[1:]
	}
}

// caughtUp prints what is there as a table, with what there is to know of it. The error is of the printing.
func (v *logView) caughtUp() (err error) {
	if len(v.behind) > 0 || v.follows && !v.json {
		rows, notes := [][]string{logHead}, []string{""}
		for _, l := range v.behind {
			cells, note := v.cells(l)
			rows, notes = append(rows, cells), append(notes, note)
		}
		err = v.rows(rows, notes)
	}
	for _, text := range v.remarks() {
		if v.json {
			line(v.stderr, "%s", text)
		} else if err == nil {
			_, err = io.WriteString(v.stdout, output.Printable(text)+"\n")
		}
	}
	return err
}

// remarks are what the lines themselves do not tell. With --json those that are told on stderr are mistakes alone.
func (v *logView) remarks() (list []string) {
	shown := "the file is " + v.log.Path()
	switch {
	case v.there > len(v.behind):
		shown = fmt.Sprintf("the last %d of %d, all by --since 365d; %s", len(v.behind), v.there, shown)
	case v.there == 0 && v.unread > 0:
		shown = "what was handed out cannot be read; " + shown
	case v.there == 0 && v.since.IsZero() && v.options.Env == "":
		shown = "nothing was handed out or refused yet; " + shown
	case v.there == 0:
		shown = "nothing of that; " + shown
	}
	if !v.json {
		list = append(list, shown)
	}
	if v.broken > 0 {
		list = append(list, counted(v.broken, "line")+" cannot be read: perhaps the disk was full")
	}
	switch user, err := v.broker().User(); {
	case err != nil:
		list = append(list, "whether more is added cannot be told: "+err.Error())
	case user.AuditOff:
		list = append(list, "no more is added: audit is off in "+user.Path)
	}
	return list
}

// auditRole is the role with its account.
func auditRole(l audit.Line) string {
	role := roleName(survey.Role{RoleARN: l.RoleARN, PermissionSet: l.PermissionSet})
	switch {
	case l.Account != "":
		return word(l.Account) + " " + role
	case l.RoleARN == "" && l.PermissionSet == "": // it was refused before there was one
		return "-"
	}
	return role
}

// auditCaller is who asked: terraform apply (4711).
func auditCaller(l audit.Line) string {
	c := l.Caller
	name := c.Name
	if c.Subcommand != "" {
		name += " " + c.Subcommand
	}
	if name == "" {
		name = l.Command
	}
	if c.PID != 0 {
		name += fmt.Sprintf(" (%d)", c.PID)
	}
	return output.Printable(strings.ReplaceAll(cmp.Or(name, "-"), "  ", `\x20\x20`))
}

// jsonLine prints a line as one line of JSON.
func jsonLine(w io.Writer, l audit.Line) error {
	var text, one bytes.Buffer
	if err := output.JSON(&text, l); err != nil {
		return err
	}
	if err := json.Compact(&one, text.Bytes()); err != nil {
		return err
	}
	one.WriteByte('\n')
	_, err := w.Write(one.Bytes())
	return err
}

// tilde is a path as it is shown to its owner: ~ stands for the home.
func (a *app) tilde(path string) string {
	if a.dirs.Home == "" || path == "" || !paths.Contains(a.dirs.Home, path) {
		return path
	}
	return "~" + strings.TrimPrefix(path, a.dirs.Home)
}
