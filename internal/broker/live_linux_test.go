package broker

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/modules"
	"whichrole/internal/problem"
)

// crowded has STS answer slowly, and counts how many it is asked at once.
func crowded(t *testing.T, w *world) (most *atomic.Int64) {
	t.Helper()
	target, err := url.Parse(w.sts.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }}
	var now atomic.Int64
	most = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(30 * time.Millisecond)
		proxy.ServeHTTP(out, r)
	}))
	t.Cleanup(server.Close)
	w.Env["AWS_ENDPOINT_URL_STS"] = server.URL
	return most
}

// live is check --live of a map with these environments, approved by naming it, and root modules.
func (w *world) live(t *testing.T, environments string, dirs ...string) []Trial {
	t.Helper()
	return w.liveFor(t, Request{}, environments, dirs...)
}

// liveFor is live, narrowed by what r asks for.
func (w *world) liveFor(t *testing.T, r Request, environments string, dirs ...string) []Trial {
	t.Helper()
	path := filepath.Join(w.repo, ".whichrole.yaml")
	if err := os.WriteFile(path, []byte("version: 1\nsource: [{environment: true}]\nenvironments:\n"+environments), 0o600); err != nil {
		t.Fatal(err)
	}
	r.Dir, r.MapFlag = w.repo, path
	d, err := w.Examine(r)
	if err != nil {
		t.Fatal(err)
	}
	c := &Checked{Decision: d, found: &modules.Found{}}
	for _, dir := range dirs {
		c.found.Modules = append(c.found.Modules, modules.Module{Dir: dir})
	}
	calls := 0
	trials, err := w.Live(context.Background(), r, c, func(done, all int) {
		if calls++; done != calls || all < done {
			t.Errorf("progress says %d of %d at its call %d", done, all, calls)
		}
	})
	if err != nil || calls != len(trials) {
		t.Fatalf("%v, %d trials, progress was told %d times", err, len(trials), calls)
	}
	return trials
}

// AWS throttles who asks for hundreds at once.
func TestLiveAsksAWSForAFewAtATime(t *testing.T) {
	w := newWorld(t)
	most := crowded(t, w)
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "  e%d: {dirs: [e%d], role_arn: \"arn:aws:iam::222222222222:role/qa\"}\n", i, i)
	}
	for _, trial := range w.live(t, b.String()) {
		if trial.Err != nil || trial.Cached || trial.Left <= 0 {
			t.Errorf("%+v", trial)
		}
	}
	if n := w.sts.Count("AssumeRole"); n != 40 {
		t.Errorf("STS was asked %d times", n)
	}
	if n := most.Load(); n < 2 || n > 8 {
		t.Errorf("STS was asked %d times at once", n)
	}
}

// A role that a hundred directories get is asked for once, whatever its session is called in each.
func TestLiveTriesARoleOnceForAllDirectories(t *testing.T) {
	w := newWorld(t)
	trials := w.live(t, `  hour: {dirs: [hour], session_name: "{dir}", role_arn: {plan: "arn:aws:iam::222222222222:role/qa", apply: "arn:aws:iam::222222222222:role/qa"}}
  region: {dirs: ["in/{region}"], region: "{region}", role_arn: "arn:aws:iam::222222222222:role/qa"}
`, "hour/a", "hour/b", "hour/c", "in/eu-west-1", "in/eu-west-1/x", "in/us-east-1")
	var got []string
	for _, trial := range trials {
		got = append(got, fmt.Sprint(trial.Environment, trial.Operations, trial.Region, trial.Err))
	}
	want := "[hour[plan apply]<nil> region[plan apply]eu-west-1<nil> region[plan apply]us-east-1<nil>]"
	if fmt.Sprint(got) != want || w.sts.Count("AssumeRole") != 3 {
		t.Errorf("%v, %d calls", got, w.sts.Count("AssumeRole"))
	}
	for _, trial := range w.live(t, `  hour: {dirs: [hour], session_name: "{dir}", role_arn: "arn:aws:iam::222222222222:role/qa"}
`, "hour/a") {
		if !trial.Cached || trial.Err != nil {
			t.Errorf("%+v", trial)
		}
	}
}

// Each has its own deadline: one that hangs costs the others nothing, and is told.
func TestLiveEndsWhereAWSHangs(t *testing.T) {
	w := newWorld(t)
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hang) })
	w.Env["AWS_ENDPOINT_URL_STS"], w.Timeout = server.URL, 300*time.Millisecond
	for _, trial := range w.live(t, `  a: {dirs: [a], role_arn: "arn:aws:iam::222222222222:role/qa"}
  b: {dirs: [b], role_arn: "arn:aws:iam::222222222222:role/qa"}
  own: {dirs: [own], source: [{environment: true}], account: "999999999999"}
`) {
		if problem.CodeOf(trial.Err) != problem.Unreachable {
			t.Errorf("%+v", trial)
		}
	}
}

// Whoever tries one workspace or operation is told of no other: neither of roles that were tried, nor of those that were not.
func TestLiveIsNarrowedByWorkspaceAndOperation(t *testing.T) {
	w := newWorld(t)
	const environments = `  blue: {dirs: [app], workspaces: [blue], role_arn: "arn:aws:iam::222222222222:role/qa"}
  green: {dirs: [app], workspaces: ["gr*"], role_arn: {plan: "arn:aws:iam::222222222222:role/qa", apply: "arn:aws:iam::222222222222:role/qa2", state: "arn:aws:iam::222222222222:role/qa3"}}
  named: {dirs: ["teams/{name}"], workspaces: [green], role_arn: {plan: "arn:aws:iam::222222222222:role/{name}", apply: "arn:aws:iam::222222222222:role/{name}-a"}}
`
	var got []string
	for _, trial := range w.liveFor(t, Request{Workspace: "green", Operation: "state"}, environments) {
		got = append(got, fmt.Sprint(trial.Environment, trial.Operations, trial.RoleARN))
	}
	want := "[green[state]arn:aws:iam::222222222222:role/qa3 named[state]arn:aws:iam::222222222222:role/{name}]"
	if fmt.Sprint(got) != want {
		t.Error(got)
	}
}

// A network that swallows everything cost 200 roles 25 rounds of a deadline each.
func TestLiveGivesUpWhereNobodyAnswers(t *testing.T) {
	w := newWorld(t)
	w.Env["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1"
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "  e%d: {dirs: [e%d], role_arn: \"arn:aws:iam::222222222222:role/qa\"}\n", i, i)
	}
	failed, left := 0, 0
	for _, trial := range w.live(t, b.String()) {
		switch {
		case problem.CodeOf(trial.Err) == problem.Unreachable:
			failed++
		case trial.Untried == "AWS did not answer":
			left++
		default:
			t.Errorf("%+v", trial)
		}
	}
	if failed < 8 || failed > 16 || left != 200-failed {
		t.Errorf("%d failed, %d were left", failed, left)
	}
}
