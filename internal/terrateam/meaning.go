package terrateam

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Meaning is all that can decide a role, in canonical JSON: by the name of the environment its workflows (the hooks under hooks),
// and the rest, which has the order of all workflows. Comments, the order of keys, and what bears on no role change nothing.
func (h *Here) Meaning() (environments map[string]string, rest string) {
	c := h.c
	parts := map[string][]string{}
	add := func(name string, body func(*jsonWriter)) {
		var j jsonWriter
		j.item(body)
		parts[name] = append(parts[name], string(j.b))
	}
	for _, w := range c.workflows {
		if w.namesRole() {
			add(w.name, func(j *jsonWriter) { j.workflow(w) })
		}
	}
	if c.hooksNameRole() {
		add(Hooks, func(j *jsonWriter) { j.steps(c.hooks) })
	}
	environments = make(map[string]string, len(parts))
	for name, list := range parts {
		environments[name] = numbered(list)
	}
	return environments, c.rest()
}

// numbered is the one object, or each of several by its number: what is shown when it changes is told key by key.
func numbered(objects []string) string {
	if len(objects) == 1 {
		return objects[0]
	}
	var j jsonWriter
	j.open('{')
	for i, text := range objects {
		j.key(fmt.Sprintf("workflow %03d", i+1))
		j.b = append(j.b, text...)
	}
	return j.end('}')
}

func (c *Config) rest() string {
	var j jsonWriter
	j.open('{')
	if c.rewritten != 0 {
		j.yes("config_builder")
	}
	if len(c.exact)+len(c.globs) > 0 {
		j.key("dirs")
		j.dirs(c)
	}
	if c.hooksNameRole() {
		j.key("hooks")
		j.item(func(j *jsonWriter) { j.steps(c.hooks) })
	}
	if len(c.stacks.byName) > 0 {
		j.key("stacks")
		j.stacks(c.stacks)
	}
	j.branchTags("tags_branch", c.branch)
	j.branchTags("tags_dest_branch", c.destBranch)
	j.key("workflows")
	j.open('{')
	for i, w := range c.workflows { // a name has no colon
		j.key(fmt.Sprintf("%03d", i+1))
		j.quote(w.name + ": " + w.query.String())
	}
	j.close('}')
	return j.end('}')
}

func (j *jsonWriter) workflow(w *workflow) {
	j.text("environment", w.environment)
	j.text("tag_query", w.query.String())
	j.steps(w.own)
}

func (j *jsonWriter) steps(list [2]sequence) {
	for op, name := range operations {
		if s := list[op].last; s != nil {
			j.key(name)
			j.item(s.write)
		}
	}
}

func (s *step) write(j *jsonWriter) {
	j.text("role_arn", s.role.raw)
	j.text("assume_role_arn", s.assume.raw)
	if !s.enabled {
		j.yes("assume_role_disabled")
	}
	j.text("audience", s.audience.raw)
	j.text("duration", s.duration.raw)
	j.text("region", s.region.raw)
	j.text("session_name", s.session.raw)
}

func (j *jsonWriter) dirs(c *Config) {
	all := maps.Clone(c.exact)
	for _, d := range c.globs {
		all[d.key] = d
	}
	writeMap(j, all, func(d *directory) {
		j.texts("tags", d.tags)
		if d.named {
			j.key("workspaces")
			byName := make(map[string]workspace, len(d.workspaces))
			for _, w := range d.workspaces {
				byName[w.name] = w
			}
			writeMap(j, byName, func(w workspace) { j.texts("tags", w.tags) })
		}
	})
}

func (j *jsonWriter) stacks(s *stacks) {
	writeMap(j, s.byName, func(s *stack) {
		if s.query != nil {
			j.key("tag_query")
			j.quote(s.query.String())
		}
		j.texts("stacks", s.of)
		if len(s.variables) > 0 {
			j.key("variables")
			j.open('{')
			for _, name := range slices.Sorted(maps.Keys(s.variables)) {
				j.key(name)
				j.quote(s.variables[name])
			}
			j.close('}')
		}
	})
}

func (j *jsonWriter) branchTags(name string, list []branchTag) {
	if len(list) == 0 {
		return
	}
	j.key(name)
	j.open('{')
	for _, t := range list {
		j.key(t.key)
		j.quote(t.raw)
	}
	j.close('}')
}

// jsonWriter writes JSON by hand: reflection over structs costs each process a quarter of a millisecond, before each AWS call.
type jsonWriter struct{ b []byte }

func (j *jsonWriter) open(c byte) { j.b = append(j.b, c) }

func (j *jsonWriter) close(c byte) { j.b = append(j.b, c) }

func (j *jsonWriter) end(c byte) string { return string(append(j.b, c)) }

func (j *jsonWriter) yes(name string) {
	j.key(name)
	j.b = append(j.b, "true"...)
}

func (j *jsonWriter) comma() {
	if n := len(j.b); n > 0 && strings.IndexByte("[{:", j.b[n-1]) < 0 {
		j.b = append(j.b, ',')
	}
}

func (j *jsonWriter) key(name string) {
	j.comma()
	j.quote(name)
	j.b = append(j.b, ':')
}

// text leaves out what is empty.
func (j *jsonWriter) text(name, s string) {
	if s != "" {
		j.key(name)
		j.quote(s)
	}
}

// texts writes a list in which order and repetition mean nothing.
func (j *jsonWriter) texts(name string, list []string) {
	if len(list) == 0 {
		return
	}
	j.key(name)
	j.open('[')
	for _, s := range slices.Compact(slices.Sorted(slices.Values(list))) {
		j.comma()
		j.quote(s)
	}
	j.close(']')
}

// item writes an object, as a value or in a list.
func (j *jsonWriter) item(body func(*jsonWriter)) {
	j.comma()
	j.open('{')
	body(j)
	j.close('}')
}

func writeMap[T any](j *jsonWriter, m map[string]T, value func(T)) {
	j.open('{')
	for _, key := range slices.Sorted(maps.Keys(m)) {
		j.key(key)
		j.open('{')
		value(m[key])
		j.close('}')
	}
	j.close('}')
}

// quote writes s as encoding/json does; plain ASCII needs no more than the quotes.
func (j *jsonWriter) quote(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			b, err := json.Marshal(s)
			if err != nil { // of a string: there is nothing that could fail
				panic("terrateam: meaning: " + err.Error())
			}
			j.b = append(j.b, b...)
			return
		}
	}
	j.b = append(append(append(j.b, '"'), s...), '"')
}
