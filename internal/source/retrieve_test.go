package source

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/test/fakeinstance"
	"whichrole/internal/test/fakeissuer"
	"whichrole/internal/test/fakesso"
)

// outside is the place's world, once a recipe is followed.
func (p *place) outside() Outside {
	return Outside{
		Env: p.Env, Now: time.Now, Log: func(string, ...any) {},
		Dirs: paths.Dirs{Home: p.home, State: filepath.Join(p.home, "state"), Runtime: filepath.Join(p.home, "run")},
	}
}

// retrieve sweeps what comes of it for secrets.
func (p *place) retrieve(t *testing.T, c *Choice, secrets ...string) (Base, *problem.Error) {
	t.Helper()
	b, err := c.Retrieve(t.Context(), p.outside())
	shown := fmt.Sprintf("%v %+v %#v", b, b, b)
	e, ok := errors.AsType[*problem.Error](err)
	if err != nil && !ok {
		t.Fatalf("%v is no *problem.Error", err)
	}
	if ok {
		shown += e.Message + e.Hint + fmt.Sprint(e.Err)
	}
	for _, hidden := range secrets {
		if strings.Contains(shown, hidden) {
			t.Errorf("a secret shows: %s", shown)
		}
	}
	return b, e
}

func (p *place) must(t *testing.T, e Entry) *Choice {
	t.Helper()
	c, _, err := p.choose(t, []Entry{e})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKeysAreRetrievedAsTheyAre(t *testing.T) {
	p := at(t, nil, "", "[corp]\n"+keysOf(tempID, secretKey, sessToken))
	c := p.must(t, profile("corp"))
	b, err := c.Retrieve(t.Context(), Outside{}) // neither a clock nor a network
	if err != nil || b.Credentials != *c.Keys || b.Credentials.SessionToken.Reveal() != sessToken || !b.Token.Empty() {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestTokenOfTheJob(t *testing.T) {
	issuer := fakeissuer.Start(fakeissuer.Config{})
	t.Cleanup(issuer.Close)
	p := at(t, issuer.Env(fakeissuer.GitHub), "", "")
	c := p.must(t, system("github"))
	if n := len(issuer.Requests(fakeissuer.GitHub)); n != 0 {
		t.Errorf("%d requests to choose it", n)
	}
	b, e := p.retrieve(t, c, issuer.Secrets()...)
	_, subject := fakeissuer.Identity(fakeissuer.GitHub)
	if e != nil || b.Token.Empty() || b.Claims.Subject != subject || b.Claims.Issuer != issuer.URL || b.Credentials.AccessKeyID != "" {
		t.Errorf("%+v, %v", b, e)
	}
	issuer.SetFaults(fakeissuer.Fault{Kind: fakeissuer.Forbidden})
	if _, e := p.retrieve(t, c, issuer.Secrets()...); e == nil || e.Code != problem.Refused {
		t.Errorf("%+v", e)
	}
}

// A pod's token is turned under a process that runs for long: each time it is read anew, and it stays the same source.
func TestTokenOfAPod(t *testing.T) {
	issuer := fakeissuer.Start(fakeissuer.Config{})
	t.Cleanup(issuer.Close)
	dir := t.TempDir()
	env, err := issuer.EKS(dir)
	if err != nil {
		t.Fatal(err)
	}
	p := at(t, env, "[profile pod]\nrole_arn = "+roleA+"\nweb_identity_token_file = "+filepath.Join(dir, "token")+"\n", "")
	for _, entry := range []Entry{{Kind: "web_identity"}, profile("pod")} {
		c := p.must(t, entry)
		first, e := p.retrieve(t, c, issuer.Secrets()...)
		if e != nil {
			t.Fatal(e)
		}
		if _, err := issuer.EKS(dir); err != nil {
			t.Fatal(err)
		}
		second, e := p.retrieve(t, c, issuer.Secrets()...)
		if e != nil || first.Token.Reveal() == second.Token.Reveal() || first.Claims.Subject != second.Claims.Subject {
			t.Errorf("%s: %v, %v, %v", entry, first.Claims, second.Claims, e)
		}
		if again := p.must(t, entry); again.Identity != c.Identity {
			t.Errorf("a renewed token is another source:\n%s\n%s", c.Identity, again.Identity)
		}
	}
}

func TestMachineAndContainer(t *testing.T) {
	machine := fakeinstance.Start(fakeinstance.Config{Authorization: "Bearer " + password})
	t.Cleanup(machine.Close)
	both := maps.Clone(machine.Machine())
	maps.Copy(both, machine.Container())
	for _, tt := range []struct {
		entry Entry
		env   paths.Env
		steps string
	}{
		{Entry{Kind: "instance"}, machine.Machine(), "token, role, credentials"},
		{Entry{Kind: "instance"}, both, "container"},
		{profile("ec2"), both, "token, role, credentials"},
		{profile("ecs"), both, "container"},
		{profile("role"), both, "container"},
	} {
		p := at(t, tt.env, "[profile ec2]\ncredential_source = Ec2InstanceMetadata\n[profile ecs]\ncredential_source = EcsContainer\n"+
			"[profile role]\nrole_arn = "+roleA+"\nsource_profile = ecs\n", "")
		before := len(machine.Calls())
		c := p.must(t, tt.entry)
		if len(machine.Calls()) != before {
			t.Error("it was asked to be chosen")
		}
		b, e := p.retrieve(t, c, machine.Secrets()...)
		if e != nil || b.Credentials.AccessKeyID != machine.Config.AccessKeyID || b.Credentials.SessionToken.Reveal() != machine.Config.SessionToken || b.Credentials.Expires.IsZero() {
			t.Errorf("%s: %+v, %v", tt.entry, b, e)
		}
		if last := len(machine.Calls()) - before; last != 1+strings.Count(tt.steps, ",") {
			t.Errorf("%s: %s, %d of them new", tt.entry, machine.Steps(), last)
		}
	}
}

// atCenter is a place with an Identity Center behind it, and its session corp.
func atCenter(t *testing.T) (*place, *fakesso.Server, UI) {
	t.Helper()
	center := fakesso.Start(fakesso.Config{Accounts: map[string][]string{"111111111111": {"Admin"}, "222222222222": {"Admin"}}})
	t.Cleanup(center.Close)
	env := paths.Env{"AWS_ENDPOINT_URL_SSO": center.URL, "AWS_ENDPOINT_URL_SSO_OIDC": center.URL}
	p := at(t, env, "[sso-session corp]\nsso_start_url = "+center.StartURL()+"\nsso_region = eu-west-1\n"+
		"[profile admin]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = Admin\n"+
		"[profile role]\nrole_arn = "+roleA+"\nsource_profile = admin\n", "")
	return p, center, UI{Browse: fakesso.Browse, Say: func(string, ...any) {}}
}

// One sign-in serves every permission set; signing out ends it for all.
func TestOneSignInForAllPermissionSets(t *testing.T) {
	p, center, ui := atCenter(t)
	session := p.must(t, Entry{Kind: "sso", Name: "corp"})
	admin := p.must(t, profile("admin"))
	if _, e := p.retrieve(t, admin); e == nil || e.Code != problem.LoginNeeded {
		t.Fatalf("%v", e)
	}
	if until, known := session.SignedIn(p.outside()); known {
		t.Errorf("signed in until %s", until)
	}
	until, dir, err := session.SignIn(t.Context(), p.outside(), ui)
	if err != nil || time.Until(until) < 50*time.Minute || dir != filepath.Join(p.home, ".aws", "sso", "cache") {
		t.Fatal(until, dir, err)
	}
	if known, ok := admin.SignedIn(p.outside()); !ok || !known.Equal(until) {
		t.Errorf("%s, %v; signed in until %s", known, ok, until)
	}
	other, err := session.For("222222222222", "Admin")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, c := range []*Choice{admin, other, p.must(t, profile("role"))} {
		b, e := p.retrieve(t, c)
		if e != nil || b.Credentials.AccountID != c.SSO.Account || !b.Credentials.IsSession() || b.Credentials.Expires.IsZero() {
			t.Errorf("%s: %+v, %v", c.Description, b, e)
		}
		keys[b.Credentials.AccessKeyID] = true
	}
	if len(keys) != 3 {
		t.Errorf("%v", keys)
	}
	if found, err := other.SignOut(t.Context(), p.outside()); err != nil || !found {
		t.Error(found, err)
	}
	if _, e := p.retrieve(t, admin); e == nil || e.Code != problem.LoginNeeded {
		t.Errorf("%v", e)
	}
	if found, err := session.SignOut(t.Context(), p.outside()); err != nil || found {
		t.Error(found, err)
	}
	if n := center.Count("Logout"); n != 1 {
		t.Errorf("%d of Logout", n)
	}
}

func TestOtherSourcesAreNotSignedInTo(t *testing.T) {
	p := at(t, nil, "", "[corp]\n"+keysOf(longID, secretKey, ""))
	if until, known := p.must(t, profile("corp")).SignedIn(p.outside()); known {
		t.Error(until)
	}
}

// Without a home the AWS CLI's directory would be one of the repository that we stand in, with a token of its author's in it.
func TestTokenOfTheRepositoryIsNotTaken(t *testing.T) {
	p, center, ui := atCenter(t)
	admin := p.must(t, profile("admin"))
	if _, _, err := admin.SignIn(t.Context(), p.outside(), ui); err != nil {
		t.Fatal(err)
	}
	if _, e := p.retrieve(t, admin); e != nil { // from where it belongs
		t.Fatal(e)
	}
	t.Chdir(p.home)
	before := center.Count("")
	o := p.outside()
	o.Dirs = paths.Dirs{}
	_, err := admin.Retrieve(t.Context(), o)
	if problem.CodeOf(err) != problem.LoginNeeded || center.Count("") != before {
		t.Errorf("%v", err)
	}
	if _, known := admin.SignedIn(o); known {
		t.Error("signed in by the repository's token")
	}
	if found, _ := admin.SignOut(t.Context(), o); found {
		t.Error("the repository's token is taken for ours")
	}
	if err := os.Chdir(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := admin.SignIn(t.Context(), o, ui); err == nil || err.Error() != "no home directory is known, and the sign-in is kept below it" {
		t.Errorf("the token went somewhere: %v", err)
	}
	if _, err := os.Stat(".aws"); err == nil {
		t.Error("a token is in the working directory")
	}
}

func TestCertificatesThatAreNone(t *testing.T) {
	issuer := fakeissuer.Start(fakeissuer.Config{})
	t.Cleanup(issuer.Close)
	env := paths.Env(issuer.Env(fakeissuer.GitHub))
	env["AWS_CA_BUNDLE"] = filepath.Join(t.TempDir(), "none.pem")
	p := at(t, env, "", "")
	_, e := p.retrieve(t, p.must(t, system("github")), issuer.Secrets()...)
	if e == nil || e.Code != problem.Usage || len(issuer.Requests(fakeissuer.GitHub)) != 0 {
		t.Errorf("%+v", e)
	}
}
