package trust

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a user with a state directory and a repository that holds a map.
type world struct {
	*testing.T
	root  string
	store Store
	sub   Subject // the map of root/work/infra
}

func newWorld(t *testing.T) *world {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, root: root, store: Store{Dir: filepath.Join(root, "state", "whichrole", "trust")}}
	w.mkdir("work/infra/.git")
	w.sub = w.mapIn("work/infra")
	return w
}

func meaning() rolemap.Meaning {
	return rolemap.Meaning{
		Environments: map[string]string{
			"production": `{"dirs":["production"],"role_arn":{"apply":"arn:aws:iam::111111111111:role/apply","plan":"arn:aws:iam::111111111111:role/plan"}}`,
			"qa":         `{"dirs":["qa"],"policy":"sha256:aaaa","role_arn":{"apply":"arn:aws:iam::222222222222:role/terraform"}}`,
		},
		Accounts: map[string]string{"data": `"444444444444"`, "payments": `"333333333333"`},
		Rest:     `{"no_role":["modules"],"source":[{"kind":"profile","name":"corp"}]}`,
	}
}

func (w *world) path(name string) string { return filepath.Join(w.root, filepath.FromSlash(name)) }

// mkdir makes directories with a mode that does not depend on the umask: under 002 they would be writable by the group.
func (w *world) mkdir(name string) {
	w.Helper()
	if err := os.MkdirAll(w.path(name), 0o755); err != nil {
		w.Fatal(err)
	}
	for d := w.path(name); d != w.root; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			w.Fatal(err)
		}
	}
}

func (w *world) mapIn(dir string) Subject {
	w.Helper()
	w.mkdir(dir)
	file := filepath.Join(w.path(dir), ".whichrole.yaml")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		w.Fatal(err)
	}
	return w.judged(file)
}

func (w *world) judged(file string) Subject {
	w.Helper()
	info, err := os.Stat(file)
	if err != nil {
		w.Fatal(err)
	}
	return Subject{Path: file, Meaning: meaning(), Info: info}
}

func (w *world) approve(sub Subject) {
	w.Helper()
	if err := w.store.Approve(sub, noon); err != nil {
		w.Fatal(err)
	}
}

func (w *world) wantApproved(sub Subject, how string) {
	w.Helper()
	v := w.store.Judge(sub)
	if !v.Approved || v.How != how || v.Allows([]string{"qa"}, "") != nil {
		w.Errorf("approved %v by %q (%s), want by %q", v.Approved, v.How, v.Reason, how)
	}
}

// wantRefused wants nothing of sub to be allowed, and returns the verdict.
func (w *world) wantRefused(sub Subject, says string) Verdict {
	w.Helper()
	v := w.store.Judge(sub)
	err := v.Allows([]string{"qa"}, "")
	if v.Approved || v.How != "" || problem.CodeOf(err) != problem.NotTrusted {
		w.Fatalf("approved %v by %q, and qa: %v; want exit 5", v.Approved, v.How, err)
	}
	if !strings.Contains(err.Error(), says) || !strings.Contains(v.Reason, says) {
		w.Errorf("the reason is %q, the error %q; want %q in both", v.Reason, err, says)
	}
	return v
}

func TestApprovedMapIsTrusted(t *testing.T) {
	w := newWorld(t)
	if v := w.wantRefused(w.sub, "never approved"); !v.Never {
		t.Error("there is no record, and Never is false")
	}
	w.approve(w.sub)
	w.wantApproved(w.sub, "approved 2026-11-22")

	if had, err := w.store.Revoke(w.sub.Path, ""); !had || err != nil {
		t.Errorf("revoked: %v, %v", had, err)
	}
	w.wantRefused(w.sub, "never approved")
	if had, err := w.store.Revoke(w.sub.Path, ""); had || err != nil {
		t.Errorf("revoked a second time: %v, %v", had, err)
	}
}

func TestApprovalIsPrivate(t *testing.T) {
	w := newWorld(t)
	w.approve(w.sub)
	info, err := os.Stat(w.store.file(w.sub.Path, ""))
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestUsersOwnWord(t *testing.T) {
	w := newWorld(t)
	sub := w.sub
	sub.ByFlag = true
	w.wantApproved(sub, "--map")
	sub.ByFlag, sub.ByUserFile = false, true
	w.wantApproved(sub, "repositories")
	sub.Checkout = w.path("work/infra") // then the repository's remote said so, and not the user
	w.wantRefused(sub, "never approved")
}

func TestCloneOfRepoIsNotTrusted(t *testing.T) {
	w := newWorld(t)
	w.approve(w.sub)
	w.mkdir("work/clone/.git")
	w.wantRefused(w.mapIn("work/clone"), "never approved")
}

func TestRelativePathIsNotTrusted(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"", ".whichrole.yaml", w.sub.Path + "/../.whichrole.yaml"} {
		sub := w.sub
		sub.Path, sub.ByFlag = path, true
		w.wantRefused(sub, "not absolute")
		if w.store.Approve(sub, noon) == nil {
			t.Errorf("%q was approved", path)
		}
	}
}

// What was approved and then changed or taken away asks again for the whole map, and the change can be shown.
func TestChangedMapAsksAgain(t *testing.T) {
	tests := []struct {
		attack string
		change func(m *rolemap.Meaning)
		want   []Change
	}{
		{"role swapped", func(m *rolemap.Meaning) {
			m.Environments["production"] = strings.Replace(m.Environments["production"], "role/plan", "role/admin", 1)
		}, []Change{{"environment production", "role_arn.plan", "arn:aws:iam::111111111111:role/plan", "arn:aws:iam::111111111111:role/admin"}}},
		{"account number changed", func(m *rolemap.Meaning) { m.Accounts["payments"] = `"999999999999"` },
			[]Change{{"account payments", "", "333333333333", "999999999999"}}},
		{"policy file changed", func(m *rolemap.Meaning) {
			m.Environments["qa"] = strings.Replace(m.Environments["qa"], "sha256:aaaa", "sha256:bbbb", 1)
		}, []Change{{"environment qa", "policy", "sha256:aaaa", "sha256:bbbb"}}},
		{"policy taken away", func(m *rolemap.Meaning) {
			m.Environments["qa"] = strings.Replace(m.Environments["qa"], `"policy":"sha256:aaaa",`, "", 1)
		}, []Change{{"environment qa", "policy", "sha256:aaaa", ""}}},
		{"shared code gets a role", func(m *rolemap.Meaning) { m.Rest = strings.Replace(m.Rest, `["modules"]`, `[]`, 1) },
			[]Change{{"map", "no_role", `["modules"]`, "[]"}}},
		{"source changed", func(m *rolemap.Meaning) { m.Rest = strings.Replace(m.Rest, "corp", "root", 1) },
			[]Change{{"map", "source", `[{"kind":"profile","name":"corp"}]`, `[{"kind":"profile","name":"root"}]`}}},
		{"environment removed, so that another wins its directory", func(m *rolemap.Meaning) { delete(m.Environments, "qa") },
			[]Change{{"environment qa", "dirs", `["qa"]`, ""}, {"environment qa", "policy", "sha256:aaaa", ""},
				{"environment qa", "role_arn.apply", "arn:aws:iam::222222222222:role/terraform", ""}}},
		{"account removed", func(m *rolemap.Meaning) { delete(m.Accounts, "data") },
			[]Change{{"account data", "", "444444444444", ""}}},
		{"all accounts removed, so that any number will do", func(m *rolemap.Meaning) { m.Accounts = nil },
			[]Change{{"account data", "", "444444444444", ""}, {"account payments", "", "333333333333", ""}}},
		{"environment renamed", func(m *rolemap.Meaning) {
			m.Environments["qb"] = m.Environments["qa"]
			delete(m.Environments, "qa")
		}, []Change{{"environment qa", "dirs", `["qa"]`, ""}, {"environment qa", "policy", "sha256:aaaa", ""},
			{"environment qa", "role_arn.apply", "arn:aws:iam::222222222222:role/terraform", ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.attack, func(t *testing.T) {
			w := newWorld(t)
			w.approve(w.sub)
			tt.change(&w.sub.Meaning)
			v := w.wantRefused(w.sub, "changed after it was approved 2026-11-22: "+strings.TrimSpace(tt.want[0].Where+" "+tt.want[0].Key))
			if !slices.Equal(v.Changes, tt.want) {
				t.Errorf("changes:\n%q\nwant:\n%q", v.Changes, tt.want)
			}
			if v.Never {
				t.Error("there is a record, and Never is true")
			}
			w.approve(w.sub)
			w.wantApproved(w.sub, "approved 2026-11-22")
		})
	}
}

func TestAddedEnvironmentBlocksOnlyWhatItWins(t *testing.T) {
	w := newWorld(t)
	w.approve(w.sub)
	w.sub.Meaning.Environments["deeper"] = `{"dirs":["qa/vpc"],"role_arn":{"apply":"arn:aws:iam::222222222222:role/admin"}}`
	w.sub.Meaning.Accounts["evil"] = `"666666666666"`
	v := w.store.Judge(w.sub)
	if v.Approved || v.How != "approved 2026-11-22" || !slices.Equal(v.AddedEnvironments, []string{"deeper"}) || !slices.Equal(v.AddedAccounts, []string{"evil"}) {
		t.Fatalf("%+v", v)
	}
	tests := []struct {
		environments []string
		account      string
		says         string // "" is allowed
	}{
		{[]string{"qa"}, "", ""},
		{[]string{"qa"}, "payments", ""},
		{[]string{"production", "qa"}, "", ""},
		{[]string{"deeper"}, "", "the environment deeper was added to the role map " + w.sub.Path + " after it was approved 2026-11-22"},
		{[]string{"qa", "deeper"}, "", "the environment deeper was added"},
		{[]string{"qa"}, "evil", "the account evil was added"},
		{nil, "", "added after it was approved 2026-11-22: environment deeper, account evil"},
	}
	for _, tt := range tests {
		err := v.Allows(tt.environments, tt.account)
		if tt.says == "" && err != nil || tt.says != "" && (problem.CodeOf(err) != problem.NotTrusted || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%v with account %q: %v, want %q", tt.environments, tt.account, err, tt.says)
		}
	}
}

// An added environment must not hide that another one was changed.
func TestAddedAndChangedAtOnceAsksAgain(t *testing.T) {
	w := newWorld(t)
	w.approve(w.sub)
	w.sub.Meaning.Environments["new"] = `{}`
	w.sub.Meaning.Environments["production"] = `{}`
	w.wantRefused(w.sub, "changed after")
}

func TestRemoteIsApprovedPerCheckout(t *testing.T) {
	w := newWorld(t)
	sub := w.mapIn("maps")
	sub.Checkout = w.path("work/infra")
	w.store.TrustedPaths = []string{w.path("maps")} // says nothing about who may use the map
	if v := w.wantRefused(sub, "never approved"); !strings.Contains(v.Allows(nil, "").Error(), sub.Checkout) {
		t.Error("the error does not name the checkout")
	}
	w.approve(sub)
	w.wantApproved(sub, "approved 2026-11-22")

	w.store.TrustedPaths = nil
	for _, checkout := range []string{"", w.path("work/other")} {
		other := sub
		other.Checkout = checkout
		w.wantRefused(other, "never approved")
	}
}

func TestHintIsSafeToPaste(t *testing.T) {
	w := newWorld(t)
	sub := w.sub
	sub.Path = w.path("work/$(touch gotcha)/.whichrole.yaml")
	err, _ := errors.AsType[*problem.Error](w.store.Judge(sub).Allows(nil, ""))
	if want := "whichrole trust -C " + problem.Quote(w.path("work/$(touch gotcha)")); err.Hint != want {
		t.Errorf("the hint is %q, want %q", err.Hint, want)
	}
}

// JSON has no way to write a path that is not UTF-8: two such paths must not become one.
func TestPathThatIsNotUTF8(t *testing.T) {
	w := newWorld(t)
	a, b := w.sub, w.sub
	a.Path, b.Path = w.path("work/a\xff.yaml"), w.path("work/a\ufffd.yaml")
	w.approve(a)
	w.wantApproved(a, "approved 2026-11-22")
	data, err := os.ReadFile(w.store.file(a.Path, ""))
	if err == nil {
		err = os.WriteFile(w.store.file(b.Path, ""), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.wantRefused(b, "is for another map")
}

func TestRecordKeepsTheMeaningAsItIs(t *testing.T) {
	w := newWorld(t)
	w.sub.Meaning.Environments["qa"] = `{"policy":"<&>é\u0000"}`
	w.approve(w.sub)
	w.wantApproved(w.sub, "approved 2026-11-22")
	data, err := os.ReadFile(w.store.file(w.sub.Path, ""))
	if err != nil {
		t.Fatal(err)
	}
	var rec record
	if err := json.Unmarshal(data, &rec); err != nil || !maps.Equal(rec.Environments, w.sub.Meaning.Environments) {
		t.Errorf("%v: %v", err, rec.Environments)
	}
}
