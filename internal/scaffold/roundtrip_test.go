package scaffold

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// A world is a random repository of one system, and what each directory gets by an interpretation of its files that shares
// nothing with the readers.
type world struct {
	rnd  *rand.Rand
	root string
	mods map[string]string               // directory → kind: tf, code, hcl
	want func(dir, ws, op string) string // "" for no role
	desc string                          // of its files, for whoever reads the failure
}

func arn(i int) string { return fmt.Sprintf("arn:aws:iam::%012d:role/r%d", 100000000000+i, i) }

func (w *world) write(name, text string) {
	p := filepath.Join(w.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		panic(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		panic(err)
	}
}
func (w *world) tree(n int) (dirs []string) {
	names := []string{"production", "qa", "app", "net", "modules", "prod-eu", "a*b", "{x}", "Qa", "x y", "dev", "#c", "envs"}
	seen := map[string]bool{}
	for len(dirs) < n {
		d := ""
		for k := 1 + w.rnd.IntN(3); k > 0; k-- {
			d += "/" + names[w.rnd.IntN(len(names))]
		}
		d = d[1:]
		if w.rnd.IntN(25) == 0 {
			d = "."
		}
		if !seen[d] {
			seen[d] = true
			dirs = append(dirs, d)
		}
	}
	slices.Sort(dirs)
	return dirs
}

const modTF = "terraform {\n  backend \"s3\" {}\n}\nprovider \"aws\" {}\n"

func terrateamWorld(w *world) {
	dirs := w.tree(3 + w.rnd.IntN(8))
	for _, d := range dirs {
		if w.rnd.IntN(6) == 0 {
			w.mods[d] = "code"
			w.write(d+"/main.tf", "resource \"null_resource\" \"x\" {}\n")
		} else {
			w.mods[d] = "tf"
			w.write(d+"/main.tf", modTF)
		}
	}
	tagsAll := []string{"t0", "t1", "t2"}
	type entry struct {
		key  string
		tags []string
		ws   map[string][]string
	}
	var entries []entry
	y := "version: \"1\"\n"
	used := map[string]bool{}
	for k := w.rnd.IntN(6); k > 0; k-- {
		d := dirs[w.rnd.IntN(len(dirs))]
		if strings.ContainsAny(d, "*{[") {
			continue
		}
		key := d
		if w.rnd.IntN(2) == 0 && d != "." {
			key = d + "/**"
			if i := strings.LastIndex(d, "/"); i > 0 && w.rnd.IntN(2) == 0 {
				key = d[:i] + "/**"
			} else if w.rnd.IntN(3) == 0 {
				key = d + "/*"
			}
		}
		if used[key] {
			continue
		}
		used[key] = true
		e := entry{key: key}
		for _, t := range tagsAll {
			if w.rnd.IntN(2) == 0 {
				e.tags = append(e.tags, t)
			}
		}
		if w.rnd.IntN(3) == 0 {
			e.ws = map[string][]string{}
			for _, n := range []string{"default", "blue", "green"} {
				if w.rnd.IntN(2) == 0 {
					e.ws[n] = []string{tagsAll[w.rnd.IntN(3)]}
				}
			}
			if len(e.ws) == 0 {
				e.ws = nil
			}
		}
		entries = append(entries, e)
	}
	if len(entries) > 0 {
		y += "dirs:\n"
		for _, e := range entries {
			y += fmt.Sprintf("  %q:\n    tags: [%s]\n", e.key, strings.Join(e.tags, ", "))
			if e.ws != nil {
				y += "    workspaces:\n"
				for n, t := range e.ws {
					y += fmt.Sprintf("      %s: {tags: [%s]}\n", n, t[0])
				}
			}
		}
	}
	type wf struct {
		q           func(tags map[string]bool) bool
		plan, apply string
	}
	role := func() string { return arn(w.rnd.IntN(4)) }
	oidc := func(a string) string { return fmt.Sprintf("{type: oidc, provider: aws, role_arn: %q}", a) }
	hook := ""
	if w.rnd.IntN(3) == 0 {
		hook = role()
		y += "hooks: {all: {pre: [" + oidc(hook) + "]}}\n"
	}
	var wfs []wf
	y += "workflows:\n"
	for k := 1 + w.rnd.IntN(4); k > 0; k-- {
		a, b := tagsAll[w.rnd.IntN(3)], tagsAll[w.rnd.IntN(3)]
		var x wf
		q := ""
		switch w.rnd.IntN(6) {
		case 0:
			q, x.q = a, func(t map[string]bool) bool { return t[a] }
		case 1:
			q, x.q = a+" and "+b, func(t map[string]bool) bool { return t[a] && t[b] }
		case 2:
			q, x.q = a+" or "+b, func(t map[string]bool) bool { return t[a] || t[b] }
		case 3:
			q, x.q = "not "+a, func(t map[string]bool) bool { return !t[a] }
		case 4:
			q, x.q = "qa in dir", func(t map[string]bool) bool { return t["in:qa"] }
		case 5:
			q, x.q = "workspace:blue "+a, func(t map[string]bool) bool { return t["workspace:blue"] && t[a] }
		}
		x.plan, x.apply = hook, hook
		y += fmt.Sprintf("  - tag_query: %q\n    environment: e%d\n", q, k)
		switch w.rnd.IntN(5) {
		case 0: // none of its own
			y += "    plan: [{type: init}]\n"
		case 1:
			x.plan = role()
			x.apply = x.plan
			y += "    plan: [" + oidc(x.plan) + "]\n    apply: [" + oidc(x.apply) + "]\n"
		case 2:
			x.plan = role()
			y += "    plan: [" + oidc(role()) + ", " + oidc(x.plan) + "]\n"
			if hook == "" {
				x.apply = x.plan // told: "apply gets the same" (known, noted)
			}
		default:
			x.plan, x.apply = role(), role()
			y += "    plan: [" + oidc(x.plan) + "]\n    apply: [" + oidc(x.apply) + "]\n"
		}
		wfs = append(wfs, x)
	}
	w.write(".terrateam/config.yml", y)
	w.desc = y
	w.want = func(dir, ws, op string) string {
		var best *entry
		for i := range entries {
			e := &entries[i]
			m := e.key == dir
			if b, ok := strings.CutSuffix(e.key, "/**"); ok {
				m = dir == b || strings.HasPrefix(dir, b+"/")
			} else if b, ok := strings.CutSuffix(e.key, "/*"); ok {
				m = dir == b
			}
			if !m {
				continue
			}
			if best == nil || e.key == dir || best.key != dir && len(e.key) > len(best.key) {
				best = e
			}
		}
		tags := map[string]bool{"workspace:" + ws: true}
		for _, s := range strings.Split(dir, "/") {
			if s == "qa" {
				tags["in:qa"] = true
			}
		}
		explicit := false
		if best != nil {
			for _, t := range best.tags {
				tags[t] = true
			}
			if best.ws != nil {
				_, only := best.ws["default"]
				explicit = !(len(best.ws) == 1 && only)
				if best.ws[ws] == nil && explicit {
					return ""
				}
				for _, t := range best.ws[ws] {
					tags[t] = true
				}
				if !explicit {
					for _, t := range best.ws["default"] {
						tags[t] = true
					}
				}
			}
		}
		if !explicit && ws != "default" { // any workspace is default's, by design
			delete(tags, "workspace:"+ws)
			tags["workspace:default"] = true
		}
		for _, x := range wfs {
			if x.q(tags) {
				if op == "apply" {
					return x.apply
				}
				return x.plan
			}
		}
		return hook
	}
}

func terraformWorld(w *world) {
	dirs := w.tree(3 + w.rnd.IntN(9))
	roles := map[string][2]string{} // run, state
	for _, d := range dirs {
		run, state := "", ""
		text := "resource \"null_resource\" \"x\" {}\n"
		kind := "code"
		if w.rnd.IntN(6) > 0 {
			kind = "tf"
			text = "provider \"aws\" {\n  region = \"eu-west-1\"\n"
			ext := ""
			if w.rnd.IntN(4) > 0 {
				run = arn(w.rnd.IntN(4))
				val := fmt.Sprintf("%q", run)
				switch w.rnd.IntN(5) {
				case 0:
					ext = "locals {\n r = " + val + "\n}\n"
					val = "local.r"
				case 1:
					ext = fmt.Sprintf("variable \"v\" {\n default = %s\n}\n", val)
					val = "var.v"
					run = "" // may be set elsewhere
				case 2:
					val = `"arn:aws:iam::${data.x.y.z}:role/q"`
					run = ""
				}
				text += "  assume_role {\n    role_arn = " + val + "\n  }\n"
			}
			text += "}\n" + ext
			switch w.rnd.IntN(3) {
			case 0:
				text += "terraform {\n backend \"s3\" {}\n}\n"
			case 1:
				state = arn(w.rnd.IntN(4))
				text += fmt.Sprintf("terraform {\n backend \"s3\" {\n assume_role = {\n role_arn = %q\n }\n }\n}\n", state)
			}
		}
		w.mods[d] = kind
		w.write(d+"/main.tf", text)
		w.desc += "--- " + d + "\n" + text
		if run == "" {
			state = ""
		}
		if state == "" {
			state = run
		}
		roles[d] = [2]string{run, state}
	}
	w.want = func(dir, ws, op string) string {
		if op == "state" {
			return roles[dir][1]
		}
		return roles[dir][0]
	}
}

func diggerWorld(w *world) {
	dirs := w.tree(3 + w.rnd.IntN(8))
	for _, d := range dirs {
		w.mods[d] = "tf"
		if w.rnd.IntN(6) == 0 {
			w.mods[d] = "code"
			w.write(d+"/main.tf", "resource \"null_resource\" \"x\" {}\n")
			continue
		}
		w.write(d+"/main.tf", modTF)
	}
	type pr struct{ dir, ws, state, command string }
	var list []pr
	y := "projects:\n"
	seen := map[string]bool{}
	named := map[string]bool{}
	for i := 1 + w.rnd.IntN(7); i > 0; i-- {
		p := pr{dir: dirs[w.rnd.IntN(len(dirs))], ws: []string{"default", "default", "blue", "green"}[w.rnd.IntN(4)]}
		if seen[p.dir+"@"+p.ws] {
			continue
		}
		seen[p.dir+"@"+p.ws] = true
		if w.rnd.IntN(4) > 0 {
			p.state = arn(w.rnd.IntN(4))
		}
		if w.rnd.IntN(4) > 0 {
			p.command = arn(w.rnd.IntN(4))
		}
		y += fmt.Sprintf("- name: p%d\n  dir: %q\n", i, p.dir)
		if p.ws != "default" || w.rnd.IntN(2) == 0 {
			y += "  workspace: " + p.ws + "\n"
		}
		if p.state+p.command != "" {
			y += "  aws_role_to_assume:\n"
			if p.state != "" {
				y += "    state: " + p.state + "\n"
			}
			if p.command != "" {
				y += "    command: " + p.command + "\n"
			}
			if p.state == "" {
				p.state = p.command
			}
			if p.command == "" {
				p.command = p.state
			}
		}
		named[p.dir] = named[p.dir] || p.ws != "default"
		list = append(list, p)
	}
	w.write("digger.yml", y)
	w.desc = y
	w.want = func(dir, ws, op string) string {
		if !named[dir] {
			ws = "default" // any workspace stands for it
		}
		for _, p := range list {
			if p.dir == dir && p.ws == ws {
				if op == "state" {
					return p.state
				}
				return p.command
			}
		}
		return ""
	}
}

func tfactionWorld(w *world) {
	dirs := w.tree(3 + w.rnd.IntN(8))
	for _, d := range dirs {
		w.mods[d] = "tf"
		w.write(d+"/main.tf", modTF)
	}
	type cfg struct{ base, plan, apply string }
	gen := func() (c cfg, lines []string) {
		if w.rnd.IntN(2) == 0 {
			c.base = arn(w.rnd.IntN(4))
			lines = append(lines, "aws_assume_role_arn: "+c.base)
		}
		if w.rnd.IntN(2) == 0 {
			c.plan, c.apply = arn(w.rnd.IntN(4)), arn(w.rnd.IntN(4))
			lines = append(lines, "terraform_plan_config: {aws_assume_role_arn: \""+c.plan+"\"}", "terraform_apply_config: {aws_assume_role_arn: \""+c.apply+"\"}")
		}
		return
	}
	type grp struct {
		dir string
		c   cfg
	}
	var groups []grp
	y := "target_groups:\n"
	for i := 1 + w.rnd.IntN(4); i > 0; i-- {
		d := dirs[w.rnd.IntN(len(dirs))]
		if k := strings.Index(d, "/"); k > 0 && w.rnd.IntN(2) == 0 {
			d = d[:k]
		}
		if strings.ContainsAny(d, "*{[") || d == "." {
			continue
		}
		c, lines := gen()
		groups = append(groups, grp{d, c})
		y += fmt.Sprintf("- working_directory: %q\n  target: t%d\n", d+"/", i)
		for _, l := range lines {
			y += "  " + l + "\n"
		}
	}
	if len(groups) == 0 {
		y = "target_groups: []\n"
	}
	w.write("tfaction-root.yaml", y)
	w.desc = y
	own := map[string]cfg{}
	for _, d := range dirs {
		if w.rnd.IntN(3) == 0 {
			c, lines := gen()
			own[d] = c
			w.write(d+"/tfaction.yaml", strings.Join(append(lines, "x: 1"), "\n")+"\n")
			w.desc += "--- " + d + "/tfaction.yaml\n" + strings.Join(lines, "\n") + "\n"
		}
	}
	or := func(l ...string) string {
		for _, x := range l {
			if x != "" {
				return x
			}
		}
		return ""
	}
	w.want = func(dir, ws, op string) string {
		for _, g := range groups {
			if dir == g.dir || strings.HasPrefix(dir, g.dir+"/") {
				o := own[dir]
				if op == "apply" {
					return or(o.apply, o.base, g.c.apply, g.c.base)
				}
				return or(o.plan, o.base, g.c.plan, g.c.base)
			}
		}
		return ""
	}
}

func terragruntWorld(w *world) {
	dirs := w.tree(3 + w.rnd.IntN(8))
	rootRole := ""
	text := "remote_state {\n backend = \"s3\"\n config = {\n bucket = \"b\"\n }\n}\n"
	if w.rnd.IntN(2) == 0 {
		rootRole = arn(w.rnd.IntN(4))
		text += fmt.Sprintf("iam_role = %q\n", rootRole)
	}
	w.write("root.hcl", text)
	w.desc = "--- root.hcl\n" + text
	roles := map[string][2]string{}
	for _, d := range dirs {
		if d == "." {
			continue
		}
		t := "terraform {\n source = \"x\"\n}\n"
		run := ""
		if w.rnd.IntN(3) > 0 {
			t += "include \"root\" {\n path = find_in_parent_folders(\"root.hcl\")\n}\n"
			run = rootRole
		}
		unknown := false
		switch w.rnd.IntN(4) {
		case 0:
			run = arn(w.rnd.IntN(4))
			t += fmt.Sprintf("iam_role = %q\n", run)
		case 1:
			if w.rnd.IntN(3) == 0 {
				unknown = true
				t += "iam_role = \"arn:aws:iam::${get_aws_account_id()}:role/x\"\n"
			}
		}
		if unknown {
			run = ""
		}
		state := run
		if w.rnd.IntN(4) == 0 && !unknown {
			run = arn(w.rnd.IntN(4))
			w.write(d+"/p.tf", fmt.Sprintf("provider \"aws\" {\n assume_role {\n role_arn = %q\n }\n}\n", run))
			w.desc += d + " has provider " + run + "\n"
			if state == "" {
				state = run
			}
		}
		w.write(d+"/terragrunt.hcl", t)
		w.desc += "--- " + d + "\n" + t
		w.mods[d] = "hcl"
		roles[d] = [2]string{run, state}
	}
	w.want = func(dir, ws, op string) string {
		if op == "state" {
			return roles[dir][1]
		}
		return roles[dir][0]
	}
}

// No directory gets a role that its system does not give it. One that is missing is told, and is none that harms.
func TestRandomRepositoriesOfEachSystem(t *testing.T) {
	const repositories = 25
	for name, build := range map[string]func(*world){"terrateam": terrateamWorld, "terraform": terraformWorld, "digger": diggerWorld, "tfaction": tfactionWorld, "terragrunt": terragruntWorld} {
		t.Run(name, func(t *testing.T) {
			given, missing := 0, 0
			for i := range repositories {
				w := &world{rnd: rand.New(rand.NewPCG(77, uint64(i))), root: t.TempDir(), mods: map[string]string{}}
				build(w)
				d, err := Make(context.Background(), Options{Root: w.root, From: name})
				if problem.CodeOf(err) == problem.NoEnvironment {
					continue // no directory gets a role
				}
				check(t, err)
				m, err := rolemap.Parse("map", []byte(d.Text), nil)
				check(t, err)
				for dir, kind := range w.mods {
					if name == "terraform" && kind == "code" { // it says nothing: the directory is its parent's
						continue
					}
					g, l := w.compare(t, m, name, dir)
					given, missing = given+g, missing+l
				}
				if t.Failed() {
					t.Fatalf("%d:\n%s\n=====\n%s", i, w.desc, d.Text)
				}
			}
			if given < 100 || missing*10 > given {
				t.Errorf("%d are given and %d are missing: this shows little", given, missing)
			}
		})
	}
}

// compare asks for one directory, and counts the roles that are given and those that are missing.
func (w *world) compare(t *testing.T, m *rolemap.Map, system, dir string) (given, missing int) {
	for _, ws := range []string{"default", "blue", "green", "zz"} {
		for _, op := range []rolemap.Operation{rolemap.Plan, rolemap.Apply, rolemap.State} {
			if op == rolemap.State && (system == "terrateam" || system == "tfaction") { // they know no role for it
				continue
			}
			want, got := w.want(dir, ws, string(op)), ""
			if g, err := m.Grant(rolemap.Target{Dir: dir, Workspace: ws, Operation: op, Lookup: anyone}); err == nil {
				got = g.Chain()[len(g.Chain())-1]
			}
			switch {
			case got == "" && want != "":
				missing++
			case got != want:
				t.Errorf("%s in %s for %s gets %q, want %q", dir, ws, op, got, want)
			case got != "":
				given++
			}
		}
	}
	return given, missing
}
