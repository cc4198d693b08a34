package instance

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakeinstance"
)

// The first version gives the keys to whoever can make any program here fetch a URL.
func TestVersion1IsNeverUsed(t *testing.T) {
	for name, c := range map[string]struct {
		fault fakeinstance.Fault
		want  failure
		asked int
	}{
		"no version 2":   {fakeinstance.Fault{Kind: fakeinstance.Scripted, Status: 404}, failure{problem.LoginNeeded, "does not speak IMDSv2 (HTTP 404)", "version 1 is never used"}, 1},
		"no PUT":         {fakeinstance.Fault{Kind: fakeinstance.Scripted, Status: 405}, failure{problem.LoginNeeded, "does not speak IMDSv2 (HTTP 405)", "version 1 is never used"}, 1},
		"turned off":     {fakeinstance.Fault{Kind: fakeinstance.Scripted, Status: 403}, failure{problem.LoginNeeded, "turned off for this instance", "--http-endpoint enabled"}, 1},
		"a bad request":  {fakeinstance.Fault{Kind: fakeinstance.Scripted, Status: 400}, failure{problem.Unreachable, "(HTTP 400) is not an answer of the instance metadata service", imdsEndpoint}, 1},
		"busy":           {fakeinstance.Fault{Kind: fakeinstance.Scripted, Status: 503}, failure{problem.Unreachable, "is busy or unwell (HTTP 503)", "try again"}, 3},
		"a portal":       {fakeinstance.Fault{Kind: fakeinstance.Garbage}, failure{problem.Unreachable, "(HTTP 200) is not an answer of the instance metadata service", imdsEndpoint}, 1},
		"an empty token": {fakeinstance.Fault{Kind: fakeinstance.Scripted, Status: 200}, failure{problem.Unreachable, "(HTTP 200) is not", imdsEndpoint}, 1},
		"two headers":    {fakeinstance.Fault{Kind: fakeinstance.Scripted, Status: 200, Body: "hunter2\r\nX: y"}, failure{problem.Unreachable, "(HTTP 200) is not", imdsEndpoint}, 1},
		"a large token":  {fakeinstance.Fault{Kind: fakeinstance.Scripted, Status: 200, Body: strings.Repeat("hunter2", 200)}, failure{problem.Unreachable, "(HTTP 200) is not", imdsEndpoint}, 1},
		"never":          {fakeinstance.Fault{Kind: fakeinstance.Hang}, failure{problem.Unreachable, "did not answer in time", imdsEndpoint}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := machine(t, fakeinstance.Config{})
			w.more = []string{"hunter2"}
			c.fault.Step = fakeinstance.Token
			w.SetFaults(c.fault)
			_, err := w.get(t, Machine)
			w.fails(t, err, c.want)
			w.steps(t, strings.TrimSpace(strings.Repeat("token ", c.asked)))
		})
	}
}

// A role's name becomes a part of a URL. It comes from whoever answers.
func TestRoleNameIsHostile(t *testing.T) {
	for _, name := range []string{"one\ntwo", "../../dynamic/instance-identity/document", "..", ".", "a/b", "a b", "a?b=c", "a#b", "a%2fb", "a\x1b[2J", "röle",
		"<html>hello</html>", strings.Repeat("x", 65), "a\x00"} {
		w := machine(t, fakeinstance.Config{Role: name})
		_, err := w.get(t, Machine)
		w.fails(t, err, failure{problem.Unreachable, "gives as the name of the role is no such name", imdsEndpoint})
		w.steps(t, "token role")
	}
	for name, text := range map[string]string{"the longest": strings.Repeat("x", 64), "dots": "..."} {
		t.Run(name, func(t *testing.T) { machine(t, fakeinstance.Config{Role: text}).gives(t, Machine) })
	}
	w := machine(t, fakeinstance.Config{Role: "one"})
	w.SetFaults(fakeinstance.Fault{Kind: fakeinstance.Scripted, Step: fakeinstance.Role, Status: 200, Body: "one\n"})
	w.gives(t, Machine)
}

func TestInstanceWithoutRole(t *testing.T) {
	w := machine(t, fakeinstance.Config{NoRole: true})
	_, err := w.get(t, Machine)
	w.fails(t, err, failure{problem.LoginNeeded, "this instance has no role", "aws ec2 associate-iam-instance-profile"})
	w = machine(t, fakeinstance.Config{})
	w.SetFaults(fakeinstance.Fault{Kind: fakeinstance.Scripted, Step: fakeinstance.Role, Status: 200, Body: "\n"})
	_, err = w.get(t, Machine)
	w.fails(t, err, failure{problem.LoginNeeded, "this instance has no role", ""})
}

// Whoever answers could name the next one to send the token to.
func TestRedirectIsNotFollowed(t *testing.T) {
	for _, step := range []string{fakeinstance.Token, fakeinstance.Role, fakeinstance.Credentials, fakeinstance.Container} {
		thief := machine(t, fakeinstance.Config{})
		w := machine(t, fakeinstance.Config{Authorization: "Bearer sesame"})
		w.SetFaults(fakeinstance.Fault{Kind: fakeinstance.Redirect, Step: step, Location: thief.URL + "/steal"})
		kind := Machine
		if step == fakeinstance.Container {
			kind, w.Env = Container, paths.Env(w.Container())
		}
		_, err := w.get(t, kind)
		w.fails(t, err, failure{problem.Unreachable, "(HTTP 302) is not an answer of", "look at "})
		thief.steps(t, "")
	}
}

func TestNoAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		kind  string
		says  string
		asked int
	}{
		"never":            {fakeinstance.Hang, "did not answer in time", 1},
		"never the end":    {fakeinstance.HangBody, "did not answer in time", 1},
		"drop by drop":     {fakeinstance.Drip, "did not answer in time", 1},
		"megabytes":        {fakeinstance.Huge, "is larger than 64 KiB", 1},
		"a large header":   {fakeinstance.HugeHeader, "cut the connection", 1},
		"cut":              {fakeinstance.Cut, "cut the connection", 3},
		"cut in its midst": {fakeinstance.CutBody, "cut the connection", 3},
		"a portal":         {fakeinstance.Garbage, "(HTTP 200) is not an answer of", 1},
	} {
		for _, step := range []string{fakeinstance.Credentials, fakeinstance.Container} {
			t.Run(name+" "+step, func(t *testing.T) {
				t.Parallel()
				w := machine(t, fakeinstance.Config{Authorization: "Bearer sesame"})
				w.SetFaults(fakeinstance.Fault{Kind: c.kind, Step: step})
				kind := Machine
				if step == fakeinstance.Container {
					kind, w.Env = Container, paths.Env(w.Container())
				}
				_, err := w.get(t, kind)
				w.fails(t, err, failure{problem.Unreachable, c.says, "look at "})
				// On a connection that was good before, net/http asks once more by itself.
				if got := strings.Count(w.Steps(), step); got < c.asked || got > c.asked+1 {
					t.Errorf("asked %d times, want %d", got, c.asked)
				}
			})
		}
	}
}

func TestTroubleThatPasses(t *testing.T) {
	for _, fault := range []fakeinstance.Fault{{Kind: fakeinstance.Cut}, {Kind: fakeinstance.CutBody}, {Kind: fakeinstance.Scripted, Status: 429}, {Kind: fakeinstance.Scripted, Status: 503}} {
		for _, kind := range []Kind{Machine, Container} {
			w := newWorld(t, fakeinstance.Config{}, kind)
			fault.Times = 1
			w.SetFaults(fault)
			w.gives(t, kind)
		}
	}
}

// Off EC2 the address of the metadata service swallows what is sent there.
func TestAddressThatSwallowsPackets(t *testing.T) {
	for name, c := range map[string]struct {
		env  paths.Env
		says string
		hint string
	}{
		"machine":   {paths.Env{}, "cannot get the credentials of this machine: 169.254.169.254 did not answer in time", "hop-limit 2"},
		"container": {paths.Env{relativeURI: "/hunter2"}, "cannot get the credentials of this container: 169.254.170.2 did not answer in time", "look at " + relativeURI},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := machine(t, fakeinstance.Config{})
			w.Env, w.more = c.env, []string{"hunter2"}
			gone := make(chan struct{})
			w.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
				defer close(gone)
				<-ctx.Done()
				return nil, ctx.Err()
			}
			_, err := w.get(t, Any)
			w.fails(t, err, failure{problem.Unreachable, c.says, c.hint})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error("the deadline is not the cause")
			}
			if p, _ := errors.AsType[*problem.Error](err); strings.Contains(p.Hint, "hop-limit") != (name == "machine") {
				t.Errorf("hint %q", p.Hint)
			}
			select {
			case <-gone:
			case <-time.After(10 * time.Second):
				t.Error("somebody still knocks there")
			}
		})
	}
}

// Exactly a second is what a laptop loses where nobody has said that it is no instance; the clock is the bubble's.
func TestVisitIsOverAfterASecond(t *testing.T) {
	const slow = 600 * time.Millisecond // for one answer, of three
	for name, dial := range map[string]func(context.Context, string, string) (net.Conn, error){
		"nobody there": func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"answers one at a time": func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() {
				defer there.Close()
				for r := bufio.NewReader(there); ; {
					if _, err := http.ReadRequest(r); err != nil {
						return
					}
					time.Sleep(slow)
					io.WriteString(there, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nname")
				}
			}()
			return here, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				_, err := World{Now: time.Now, Dial: dial}.Get(t.Context(), Machine)
				if took := time.Since(start); took != time.Second || problem.CodeOf(err) != problem.Unreachable {
					t.Errorf("%v after %v", err, took)
				}
				time.Sleep(slow) // until the other side has noticed
			})
		})
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	w := machine(t, fakeinstance.Config{})
	w.Env = paths.Env{imdsEndpoint: "http://" + address}
	_, err = w.get(t, Any)
	w.fails(t, err, failure{problem.LoginNeeded, "there is no instance metadata service at " + address, imdsEndpoint})
	w.Env = paths.Env{fullURI: "http://" + address + "/hunter2"}
	w.more = []string{"hunter2"}
	_, err = w.get(t, Any)
	w.fails(t, err, failure{problem.Unreachable, address + " refuses connections", fullURI})
}

func TestInterrupted(t *testing.T) {
	w := machine(t, fakeinstance.Config{})
	w.SetFaults(fakeinstance.Fault{Kind: fakeinstance.Hang})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := w.World.Get(ctx, Machine)
	w.fails(t, err, failure{problem.Failure, "interrupted", ""})
	if p, _ := errors.AsType[*problem.Error](err); p.Hint != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("hint %q, cause %v", p.Hint, p.Err)
	}
}

func TestCallerWithLessTimeThanASecond(t *testing.T) {
	for _, step := range []string{fakeinstance.Token, fakeinstance.Credentials} {
		w := machine(t, fakeinstance.Config{})
		w.SetFaults(fakeinstance.Fault{Kind: fakeinstance.HangBody, Step: step})
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_, err := w.World.Get(ctx, Machine)
		w.fails(t, err, failure{problem.Unreachable, "did not answer in time", imdsEndpoint})
	}
}

// Plain http goes to this machine and to AWS's container services. The SDK has the same rule for addresses.
func TestPlainHTTPGoesNowhereElse(t *testing.T) {
	files := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", files)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", files)
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "")
	t.Setenv(relativeURI, "")
	for url, want := range map[string]bool{
		"http://127.0.0.1:8080/x": true, "http://127.255.255.254/x": true, "http://[::1]/x": true, "http://[::ffff:127.0.0.1]/x": true,
		"http://[::ffff:169.254.170.2]/x": true,
		"http://169.254.170.2/x":          true, "http://169.254.170.23/x": true, "http://[fd00:ec2::23]/x": true,
		"https://10.0.0.1/x": true, "https://[2001:db8::1]/x": true,
		"http://10.0.0.1/x": false, "http://169.254.169.254/x": false, "http://169.254.170.3/x": false, "http://[fd00:ec2::254]/x": false,
		"http://[fd00:ec2::23:1]/x": false, "http://[::]/x": false, "http://0.0.0.0/x": false, "http://127.0.0.1@10.0.0.1/x": false,
		"http://169.254.170.2@10.0.0.1/x": false, "http://[::ffff:10.0.0.1]/x": false, "HTTP://10.0.0.1/x": false,
	} {
		t.Setenv(fullURI, url)
		if _, err := config.LoadDefaultConfig(context.Background()); (err == nil) != want {
			t.Errorf("the SDK says of %s: %v", url, err)
		}
		w := machine(t, fakeinstance.Config{Path: "/x"})
		w.Env = paths.Env{fullURI: url}
		dials := w.dials()
		_, err := w.Identity(Container)
		if want != (err == nil) {
			t.Errorf("%s: %v", url, err)
		}
		if want {
			continue
		}
		_, err = w.get(t, Container)
		w.fails(t, err, failure{problem.Usage, "is not on this machine, and neither ECS nor EKS", "must begin with https://"})
		if dials() != "" {
			t.Errorf("%s: it went to %s", url, dials())
		}
	}
}

// What a name leads to is judged, and that very address is what is connected to: at the next look it could be another.
func TestNameThatLeadsElsewhere(t *testing.T) {
	at := func(list ...string) (addrs []netip.Addr) {
		for _, a := range list {
			addrs = append(addrs, netip.MustParseAddr(a))
		}
		return addrs
	}
	for name, c := range map[string]struct {
		addrs []netip.Addr
		dials string
		want  failure
	}{
		"here":         {at("127.0.0.1"), "127.0.0.1:8080", failure{}},
		"to the agent": {at("169.254.170.23", "fd00:ec2::23"), "169.254.170.23:8080", failure{}},
		"elsewhere":    {at("10.0.0.1"), "", failure{problem.Usage, "box.example:8080 is not on this machine", "https://"}},
		"here, and elsewhere": {at("127.0.0.1", "10.0.0.1"), "",
			failure{problem.Usage, "box.example:8080 is not on this machine", "https://"}},
		"to the metadata": {at("169.254.169.254"), "", failure{problem.Usage, "box.example:8080 is not on this machine", "https://"}},
		"nowhere":         {nil, "", failure{problem.Unreachable, "box.example", fullURI}},
	} {
		t.Run(name, func(t *testing.T) {
			w := container(t, fakeinstance.Config{Path: "/x", Authorization: "Bearer sesame"})
			w.Env[fullURI] = "http://box.example:8080/x"
			looks := 0
			w.Lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
				if looks++; looks > 1 || host != "box.example" {
					return nil, fmt.Errorf("look %d, at %s", looks, host)
				}
				return c.addrs, nil
			}
			dials := w.dials()
			if c.want.says == "" {
				w.gives(t, Container)
				if host := w.Calls()[0].Host; host != "box.example:8080" {
					t.Errorf("Host: %s", host)
				}
			} else {
				_, err := w.get(t, Container)
				w.fails(t, err, c.want)
			}
			if dials() != c.dials {
				t.Errorf("it went to %q, want %q", dials(), c.dials)
			}
		})
	}
}

func TestLocalhostNeedsNoHook(t *testing.T) {
	w := container(t, fakeinstance.Config{})
	w.Env[fullURI] = strings.Replace(w.Env[fullURI], "127.0.0.1", "localhost", 1)
	w.gives(t, Container)
}
