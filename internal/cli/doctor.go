package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"whichrole/internal/doctor"
	"whichrole/internal/output"
	"whichrole/internal/problem"
)

type doctorCmd struct {
	JSON bool `name:"json" help:"Print a JSON array of what was found."`
}

// checkTakes is how long one check may take: a call to AWS in vain, and a moment to say so.
const checkTakes = 20 * time.Second

// Run prints no secret, and no more of home and accounts than is needed: it is made to be pasted into an issue. It fails where
// something is broken, and has said so on stdout.
func (c *doctorCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	program, _ := os.Executable() // where the system does not tell, that is a finding
	patient := doctor.Patient{
		Broker: a.broker(), Request: request, Program: program,
		About: fmt.Sprintf("%s, %s/%s", version(), runtime.GOOS, runtime.GOARCH), Patience: min(checkTakes, a.options.timeout),
	}
	findings := patient.Examine(context.Background())
	if c.JSON {
		err = output.JSON(a.stdout, findings)
	} else {
		a.printFindings(findings)
	}
	for _, f := range findings {
		if err == nil && f.Level == doctor.Broken {
			return silent{problem.Failure}
		}
	}
	return err
}

// printFindings is a line for each, with why and what to do below what is not well, and a summary.
func (a *app) printFindings(findings []doctor.Finding) {
	const column = len("warning profiles   ")
	paint, columns := a.style(), columnsOf(a.stdout)
	colour := map[doctor.Level]func(string) string{doctor.OK: paint.good, doctor.Note: paint.dim, doctor.Warning: paint.odd, doctor.Broken: paint.bad}
	for _, f := range findings {
		text := problem.Cut(output.Printable(f.What), maxMessage)
		fmt.Fprintf(a.stdout, "%s %-10s %s\n", colour[f.Level](fmt.Sprintf("%-7s", f.Level)), f.ID, hanging(text, column, columns, output.Printable))
		if f.Why != "" {
			fmt.Fprintf(a.stdout, "%18s %s\n", "", hanging(output.Printable(problem.Cut(f.Why, maxMessage)), column, columns, paint.dim))
		}
		if fix := output.Printable(f.Fix); fix == f.Fix && fix != "" && len(fix) <= maxHint { // as in pastable
			fmt.Fprintf(a.stdout, "%18s %s\n", "", paint.bold("fix: "+fix))
		}
	}
	fmt.Fprintln(a.stdout, lastLine(findings))
}

// lastLine sums up. Where nothing is broken and still no role can be had, "all is well" would send people away.
func lastLine(findings []doctor.Finding) string {
	count := map[doctor.Level]int{}
	var see, parts []string
	for _, f := range findings {
		count[f.Level]++
		if (f.ID == "map" || f.ID == "source") && f.Level != doctor.OK && f.Why != "" { // what was not looked at has no why
			see = append(see, f.ID)
		}
	}
	if n := count[doctor.Broken]; n > 0 {
		parts = append(parts, counted(n, "thing")+" broken")
	}
	if n := count[doctor.Warning]; n > 0 {
		parts = append(parts, counted(n, "warning"))
	}
	switch text := strings.Join(parts, ", "); {
	case slices.Contains(see, "map") && count[doctor.Broken] == 0:
		return cmp.Or(text, "nothing is broken") + ", but no role can be had here: see " + strings.Join(see, ", ")
	case text == "":
		return "all is well"
	default:
		return text
	}
}
