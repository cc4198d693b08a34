package broker

import (
	"reflect"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/rolemap"
	"whichrole/internal/source"
)

// A parameter that the map gains and that is lost between rolemap.Hop and assume.Hop is neither sent to STS nor in the key:
// the credentials of before were served as those of now. Every field of every hop counts.
func TestNoFieldOfTheMapsHopsIsLostOnTheWayToTheKey(t *testing.T) {
	b := &Broker{Env: paths.Env{}}
	first := First{Choice: &source.Choice{Identity: "a"}}
	key := func(g *rolemap.Grant) string { return b.want(g, first, b.session(g, first)).Key.ID() }
	grant := func() *rolemap.Grant {
		return &rolemap.Grant{Account: "222222222222", Partition: "aws", Hops: []rolemap.Hop{{}, {}}}
	}
	seen := map[string]string{key(grant()): "nothing"}
	differs := func(what string, g *rolemap.Grant) {
		t.Helper()
		id := key(g)
		if other, twice := seen[id]; twice {
			t.Errorf("changing %s gives the key of changing %s", what, other)
		}
		seen[id] = what
	}
	for i, position := range []string{"the first hop's ", "the last hop's "} {
		for _, field := range reflect.VisibleFields(reflect.TypeFor[rolemap.Hop]()) {
			g := grant()
			fill(t, reflect.ValueOf(&g.Hops[i]).Elem().FieldByIndex(field.Index))
			differs(position+field.Name, g)
		}
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[rolemap.Tag]()) {
		g := grant()
		g.Hops[1].Tags = []rolemap.Tag{{}}
		fill(t, reflect.ValueOf(&g.Hops[1].Tags[0]).Elem().FieldByIndex(field.Index))
		differs("a tag's "+field.Name+" alone", g)
	}
	for what, change := range map[string]func(*rolemap.Grant){
		"the region": func(g *rolemap.Grant) { g.Region = "eu-west-1" }, "the partition": func(g *rolemap.Grant) { g.Partition = "aws-cn" },
		"a hop": func(g *rolemap.Grant) { g.Hops = g.Hops[:1] },
	} {
		g := grant()
		change(g)
		differs(what, g)
	}
}

// fill sets a value, and all within it, to something that is not its zero.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("changed")
	case reflect.Int64:
		v.SetInt(int64(time.Hour))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(t, field)
		}
	default:
		t.Fatalf("a field of type %s: teach this test about it", v.Type())
	}
}
