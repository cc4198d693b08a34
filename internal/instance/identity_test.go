package instance

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/paths"
)

// offline is a world in which nobody may knock or look up.
func offline(t *testing.T, env paths.Env) World {
	return World{
		Env: env,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			t.Error("the network is asked")
			return nil, errors.New("no")
		},
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			t.Error("the network is asked")
			return nil, errors.New("no")
		},
		Boot: func() (string, error) { return "boot-1", nil },
	}
}

func TestIdentity(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		env  paths.Env
		want string
	}{
		{Any, nil, `{"kind":"instance","from":"Ec2InstanceMetadata","endpoint":"http://169.254.169.254","boot":"boot-1"}`},
		{Machine, paths.Env{imdsMode: "ipv6"}, `{"kind":"instance","from":"Ec2InstanceMetadata","endpoint":"http://[fd00:ec2::254]","boot":"boot-1"}`},
		{Machine, paths.Env{imdsEndpoint: "http://box:1338/ec2/"}, `{"kind":"instance","from":"Ec2InstanceMetadata","endpoint":"http://box:1338/ec2","boot":"boot-1"}`},
		// printf 'http://169.254.170.2/v2/credentials/1\n' | sha256sum
		{Any, paths.Env{relativeURI: "/v2/credentials/1"},
			`{"kind":"instance","from":"EcsContainer","endpoint":"http://169.254.170.2","digest":"8867ebf8bf5af4fa07a5037a48695fcfe5310b292d21dd4f7bdd7c74d6c66b00"}`},
	} {
		got, err := offline(t, c.env).Identity(c.kind)
		if err != nil || got != c.want {
			t.Errorf("%v: %v\ngot  %s\nwant %s", c.env, err, got, c.want)
		}
	}
}

// Two pods of a node have the same URL and, in the kernel's keyring, perhaps the same cache.
func TestIdentitiesThatMustDiffer(t *testing.T) {
	const url = "http://169.254.170.23/v1/credentials"
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("pod-c"), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for name, env := range map[string]paths.Env{
		"a machine":            {},
		"another endpoint":     {imdsEndpoint: "http://127.0.0.1:1"},
		"a task":               {relativeURI: "/v2/credentials/1"},
		"another task":         {relativeURI: "/v2/credentials/2"},
		"a pod":                {fullURI: url, tokenVariable: "pod-a"},
		"another pod":          {fullURI: url, tokenVariable: "pod-b"},
		"a pod with a file":    {fullURI: url, tokenVariable: "pod-a", tokenFileVariable: file},
		"a query":              {fullURI: url + "?id=1", tokenVariable: "pod-a"},
		"a user":               {fullURI: "http://me@169.254.170.23/v1/credentials", tokenVariable: "pod-a"},
		"with no token at all": {fullURI: url},
	} {
		id, err := offline(t, env).Identity(Any)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if other := seen[id]; other != "" {
			t.Errorf("%s and %s: %s", name, other, id)
		}
		seen[id] = name
		for _, secret := range []string{"pod-", "/v2/", "/v1/", "id=1", "me@"} {
			if strings.Contains(id, secret) {
				t.Errorf("%s shows %s", id, secret)
			}
		}
		if again, _ := offline(t, env).Identity(Any); again != id {
			t.Errorf("%s, then %s", id, again)
		}
	}
	w := offline(t, nil)
	w.Boot = func() (string, error) { return "boot-2", nil }
	if id, err := w.Identity(Machine); err != nil || seen[id] != "" {
		t.Errorf("another boot: %s %v", id, err)
	}
}

func TestNoBootAndNoName(t *testing.T) {
	w := offline(t, nil)
	w.Boot = func() (string, error) { return "", errors.New("no name") }
	if id, err := w.Identity(Machine); err == nil || id != "" {
		t.Errorf("%q %v", id, err)
	}
	w.Env = paths.Env{relativeURI: "/x"}
	if _, err := w.Identity(Container); err != nil {
		t.Errorf("a container needs none: %v", err)
	}
}

func TestBoot(t *testing.T) {
	first, err := World{}.boot()
	second, _ := World{}.boot()
	if err != nil || first == "" || first != second || strings.TrimSpace(first) != first {
		t.Errorf("%q %q %v", first, second, err)
	}
	if uuid := regexp.MustCompile(`(?i)^[0-9a-f-]{36}$`); (runtime.GOOS == "linux" || runtime.GOOS == "darwin") && !uuid.MatchString(first) {
		t.Errorf("%q is no boot id", first)
	}
}
