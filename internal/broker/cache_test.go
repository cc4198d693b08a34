package broker

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"whichrole/internal/assume"
	"whichrole/internal/paths"
	"whichrole/internal/rolemap"
	"whichrole/internal/source"
)

// Peers keyed their cache by profile or session, and served account A's credentials for B or those of an old policy.
// Here every field of a hop, of the session and of the source changes the key: one added later and forgotten in want
// fails this test.
func TestEverythingThatDecidesTheCredentialsIsInTheKey(t *testing.T) {
	grant := func() *rolemap.Grant { return &rolemap.Grant{Account: "222222222222"} }
	first := First{Choice: &source.Choice{Identity: "a"}}
	base := func() session { return session{Hops: []assume.Hop{{RoleARN: "arn"}}} }
	var b Broker
	seen := map[string]string{b.want(grant(), first, base()).Key.ID(): "nothing"}
	differs := func(what string, g *rolemap.Grant, f First, s session) {
		t.Helper()
		id := b.want(g, f, s).Key.ID()
		if other, twice := seen[id]; twice {
			t.Errorf("changing %s gives the key of changing %s", what, other)
		}
		seen[id] = what
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[session]()) {
		if field.Name != "Hops" && field.Name != "CABundle" { // that one decides whether STS is believed, not what it gives
			s := base()
			change(t, reflect.ValueOf(&s).Elem().FieldByIndex(field.Index))
			differs("session."+field.Name, grant(), first, s)
		}
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[assume.Hop]()) {
		s := base()
		change(t, reflect.ValueOf(&s.Hops[0]).Elem().FieldByIndex(field.Index))
		differs("hop."+field.Name, grant(), first, s)
	}
	s := base()
	s.Hops = append(s.Hops, s.Hops[0])
	differs("the number of hops", grant(), first, s)
	differs("the source", grant(), First{Choice: &source.Choice{Identity: "b"}}, base())
	g := grant()
	g.Account = "111111111111"
	differs("the account", g, first, base())
	swapped := base()
	swapped.Hops[0].TransitiveTagKeys, swapped.Hops[0].PolicyARNs = []string{"x", "y"}, nil
	differs("a list's first item", grant(), first, swapped)
	swapped.Hops[0].TransitiveTagKeys = []string{"x y"}
	differs("where a list's items end", grant(), first, swapped)
}

func change(t *testing.T, v reflect.Value) {
	t.Helper()
	switch x := v.Addr().Interface().(type) {
	case *string:
		*x = "changed"
	case *bool:
		*x = true
	case *time.Duration:
		*x = time.Hour
	case *[]string:
		*x = []string{"changed"}
	case *[]assume.Tag:
		*x = []assume.Tag{{Key: "k", Value: "v"}}
	default:
		t.Fatalf("a field of type %s: teach this test, and want, about it", v.Type())
	}
}

// Without a home "cache" was a directory of whatever repository we stood in: planted entries were listed, files deleted.
func TestWithoutAStateDirectoryTheWorkingDirectoryIsNotTakenForOne(t *testing.T) {
	t.Chdir(t.TempDir())
	planted := filepath.Join("cache", "0123456789abcdef0123456789abcdef.json")
	if err := os.MkdirAll("cache", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(planted, []byte(`{"id":"0123456789abcdef0123456789abcdef"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &Broker{Env: paths.Env{}, Now: time.Now, Log: func(string, ...any) {}}
	if list, err := b.Cached(); err != nil || len(list) != 0 {
		t.Errorf("listed %v, %v", list, err)
	}
	if dir := b.metadata().Dir; dir != "" {
		t.Errorf("metadata is kept in %s", dir)
	}
}

// One call through a proxy that is gone must not be the failure of those that need none; all of them share what is stored.
func TestWhoReachesAWSOtherwiseIsNotWaitedFor(t *testing.T) {
	grant, first := &rolemap.Grant{Account: "222222222222"}, First{Choice: &source.Choice{Identity: "a"}}
	plain := (&Broker{Env: paths.Env{"HOME": "/h"}}).want(grant, first, session{})
	seen := map[string]bool{plain.Way: true}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE"} {
		other := (&Broker{Env: paths.Env{"HOME": "/h", name: "http://127.0.0.1:1"}}).want(grant, first, session{})
		if seen[other.Way] || other.Key != plain.Key {
			t.Errorf("%s: way %q, the same key: %v", name, other.Way, other.Key == plain.Key)
		}
		seen[other.Way] = true
	}
	bundle := First{Choice: &source.Choice{Identity: "a", Settings: source.Settings{CABundle: "/ca.pem"}}}
	if other := (&Broker{Env: paths.Env{"HOME": "/h"}}).want(grant, bundle, session{CABundle: "/ca.pem"}); seen[other.Way] || other.Key != plain.Key {
		t.Errorf("another CA bundle: way %q, the same key: %v", other.Way, other.Key == plain.Key)
	}
}
