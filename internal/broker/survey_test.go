package broker

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/modules"
)

func manyModules(n int, dir string) *modules.Found {
	found := &modules.Found{}
	for i := range n {
		found.Modules = append(found.Modules, modules.Module{Dir: fmt.Sprintf("%s/m%d", dir, i), AWS: true, Kind: "terraform"})
	}
	return found
}

// A repository of one-line modules below a map of stars kept a processor busy for minutes.
func TestSurveyOfAHostileRepositoryHasAnEnd(t *testing.T) {
	var text strings.Builder
	text.WriteString("version: 1\nsource: [{profile: corp}]\nenvironments:\n")
	for i := range 150 {
		var names []string
		for j := range 100 {
			names = append(names, fmt.Sprintf("w%d", (i+j)%150))
		}
		fmt.Fprintf(&text, "  e%d: {dirs: ['**/a/**/*/**/m*'], workspaces: [%s], role_arn: 'arn:aws:iam::111111111111:role/x'}\n", i, strings.Join(names, ", "))
	}
	b, r := surveyor(t, text.String())
	d, err := b.Examine(r)
	if err != nil {
		t.Fatal(err)
	}
	s := surveyIn(surveyWork/100, r, d, manyModules(2000, "a/b/a/b/a/b/a/b"))
	if n := len(s.Placed); n == 0 || n > 5000 { // of 300,000
		t.Errorf("%d answers", n)
	}
	if len(s.Notes) != 1 || !strings.Contains(s.Notes[0].Text, "not every root module was looked at") {
		t.Errorf("%v", s.Notes)
	}
}

// One environment with a hundred workspaces and thousands of modules took 2 GB.
func TestSurveyOfManyWorkspacesKeepsToItsMemory(t *testing.T) {
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("w%d", i))
	}
	b, r := surveyor(t, "version: 1\nsource: [{profile: corp}]\nenvironments:\n  e: {dirs: [a], workspaces: ["+strings.Join(names, ", ")+
		"], role_arn: {plan: 'arn:aws:iam::111111111111:role/p', apply: 'arn:aws:iam::111111111111:role/a', state: 'arn:aws:iam::111111111111:role/s'}}\n")
	d, err := b.Examine(r)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := b.survey(r, d, manyModules(4000, "a"))
	runtime.GC()
	runtime.ReadMemStats(&after)
	kept := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Log(kept>>20, "MB", len(s.Placed))
	if len(s.Placed) < maxPlaced || len(s.Placed) > maxPlaced+100 || kept > 300<<20 || len(s.Notes) != 1 {
		t.Errorf("%d placed in %d MB, notes %v", len(s.Placed), kept>>20, s.Notes)
	}
}
