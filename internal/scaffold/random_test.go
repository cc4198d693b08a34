package scaffold

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"whichrole/internal/found"
	"whichrole/internal/rolemap"
)

// Small trees with few names and few roles, so that every way to stand above, below and beside one another comes up.
func TestRandomRepositoriesGetTheirRoles(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	folded, covered := 0, 0
	for i := range 1500 {
		m, answers := randomMaterial(random)
		c := compile(m)
		text := c.text(heading{from: "a test"})
		if _, err := c.prove(text, m.modules); err != nil {
			t.Fatalf("%d: %v\n%s", i, err, text)
		}
		if len(c.unread) > 0 {
			t.Fatalf("%d: %v", i, c.unread)
		}
		if len(c.environments) == 0 {
			continue
		}
		parsed, err := rolemap.Parse("map", []byte(text), nil)
		if err != nil {
			t.Fatalf("%d: %v\n%s", i, err, text)
		}
		for _, x := range m.modules {
			for _, w := range []string{"default", "blue", "green", "other"} {
				want := answers[x.Dir+"@"+w]
				if any, ok := answers[x.Dir+"@"]; ok && want == "" {
					want = any
				}
				got := ""
				if g, _, err := parsed.Resolve(rolemap.Target{Dir: x.Dir, Workspace: w, Lookup: anyone}); err == nil {
					got = g.RoleARN()
				}
				if got != want {
					t.Fatalf("%d: %s in %s gets %q, want %q\n%s", i, x.Dir, w, got, want, text)
				}
			}
		}
		if strings.Contains(text, "*") {
			folded++
		}
		if len(c.environments) > 0 && len(c.environments[0].dirs) < len(c.environments[0].spots) {
			covered++
		}
	}
	if folded < 50 || covered < 500 {
		t.Errorf("only %d folded and %d covered: this shows little", folded, covered)
	}
}

// randomMaterial also gives the answers: directory@workspace → role.
func randomMaterial(random *rand.Rand) (material, map[string]string) {
	names := []string{"a", "b", "c", "qa", "production", "prod", "accounts", "modules"}
	names = names[random.IntN(4) : 4+random.IntN(5)]
	deep, roles := 1+random.IntN(4), 1+random.IntN(3)
	byName := random.IntN(3) == 0
	if byName {
		deep = 3
	}
	m, answers := material{}, map[string]string{}
	seen := map[string]bool{}
	for range 1 + random.IntN(40) {
		var segments []string
		for range random.IntN(deep + 1) {
			segments = append(segments, names[random.IntN(len(names))])
		}
		if byName && random.IntN(10) > 0 {
			segments = []string{"s", string(rune('a' + random.IntN(6))), []string{"qa", "production"}[random.IntN(2)]}[random.IntN(2):]
		}
		dir := strings.Join(segments, "/")
		if dir == "" {
			dir = "."
		}
		if seen[dir] {
			continue
		}
		seen[dir] = true
		if random.IntN(6) == 0 {
			m.code = append(m.code, dir)
			continue
		}
		m.modules = append(m.modules, mods(dir)...)
		add := func(workspace string) {
			number := random.IntN(roles)
			if byName && random.IntN(20) > 0 { // as in services/x/qa
				number = len(dir[strings.LastIndexByte(dir, '/')+1:])
			}
			arn := fmt.Sprintf("arn:aws:iam::%012d:role/r", number)
			answers[dir+"@"+workspace] = arn
			m.places = append(m.places, found.Place{Dir: dir, Workspace: workspace, Plan: role(arn, dir), Apply: role(arn, dir)})
		}
		way := random.IntN(8)
		if byName && random.IntN(3) > 0 {
			way = 7
		}
		switch way {
		case 0: // nothing
		case 1:
			add("blue")
		case 2:
			add("blue")
			add("green")
		case 3:
			add("")
			add("green")
		default:
			add("")
		}
	}
	return m, answers
}

// A repository larger than anybody's takes some seconds, and what is not done in them is told.
func TestLargeRepository(t *testing.T) {
	var m material
	for i := range 10_000 {
		dir := fmt.Sprintf("services/s%d/%s/x%d", i%3000, []string{"production", "qa", "misc"}[i%3], i)
		m.modules = append(m.modules, mods(dir)...)
		if i%7 > 0 {
			arn := fmt.Sprintf("arn:aws:iam::%012d:role/r", i%3)
			if i%5 == 0 {
				arn = fmt.Sprintf("arn:aws:iam::%012d:role/r", i)
			}
			m.places = append(m.places, both(arn, dir)...)
		}
	}
	start := time.Now()
	c := compile(m)
	made := time.Since(start)
	text := c.text(heading{})
	partly, err := c.proveIn(20_000_000, text, m.modules)
	if err != nil || partly == "" {
		t.Fatalf("%q %v", partly, err)
	}
	t.Logf("%d environments, %d bytes, made in %v, proved in %v", len(c.environments), len(text), made, time.Since(start)-made)
	if took := time.Since(start); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}
